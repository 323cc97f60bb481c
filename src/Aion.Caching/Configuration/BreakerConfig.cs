using Aion.ObjectStorage;

namespace Aion.Caching;

/// <summary><c>set_async_circuit_breaker_config</c>: when to stop storing for a while. Beside it, a server that fails is always bypassed.</summary>
public sealed record BreakerConfig
{
    public bool Enabled { get; init; }

    /// <summary>Operations let through at once while it is tried whether things are well again; 0 counts as 1.</summary>
    public long HalfOpenMaxRequests { get; init; } = 10;

    /// <summary>How long nothing is stored; 0 counts as a minute.</summary>
    public TimeSpan OpenDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>It stays closed below so many operations in an interval.</summary>
    public long MinRequests { get; init; } = 50;

    /// <summary>Opens after so many failures in a row.</summary>
    public long ConsecutiveFailures { get; init; } = 5;

    /// <summary>Opens when this part of the operations fails, <c>(0, 1]</c>.</summary>
    public double FailurePercent { get; init; } = 0.05;

    internal static BreakerConfig Read(ConfigNode settings)
    {
        ConfigNode node = settings.Map("set_async_circuit_breaker_config");
        node.RefuseUnknown("enabled", "half_open_max_requests", "open_duration", "min_requests", "consecutive_failures", "failure_percent");
        var defaults = new BreakerConfig();
        var read = new BreakerConfig
        {
            Enabled = node.Flag("enabled"),
            HalfOpenMaxRequests = node.Number("half_open_max_requests", defaults.HalfOpenMaxRequests, 0, uint.MaxValue),
            OpenDuration = node.GoDuration("open_duration", defaults.OpenDuration),
            MinRequests = node.Number("min_requests", defaults.MinRequests, 0, uint.MaxValue),
            ConsecutiveFailures = node.Number("consecutive_failures", defaults.ConsecutiveFailures, 0, uint.MaxValue),
            FailurePercent = node.Fraction("failure_percent", defaults.FailurePercent),
        };
        if (!read.Enabled) return read;
        if (read.ConsecutiveFailures == 0)
            throw node.Error("consecutive_failures", "circuit breaker: consecutive failures must be greater than 0");
        if (read.FailurePercent is not (> 0 and <= 1))
            throw node.Error("failure_percent", "circuit breaker: failure percent must be in range (0,1]");
        return read;
    }
}
