using Aion.Hosting;
using Aion.Model;
using Aion.PromQL;
using Microsoft.Extensions.Logging;

namespace Aion.Query;

/// <summary>Turns flags into options, refusing values that cannot work.</summary>
internal static class QueryOptionsReader
{
    /// <exception cref="ComponentException">A value cannot work, or asks for what is not built; names the flag.</exception>
    public static QueryApiOptions Api(QueryFlags declared, ParsedFlags flags, ILogger logger)
    {
        QueryEngineFlags engine = declared.Engine;
        if (flags.Get(engine.Mode) != "local") throw new ComponentException("--query.mode=distributed is not supported yet");
        if (flags.Get(engine.Timeout) <= TimeSpan.Zero) throw new ComponentException("--query.timeout must be more than 0s: every query would time out");
        var options = new QueryApiOptions
        {
            Timeout = flags.Get(engine.Timeout),
            MaxConcurrent = flags.Get(engine.MaxConcurrent),
            MaxConcurrentSelect = flags.Get(engine.MaxConcurrentSelect),
            LookbackDelta = NotNegative(flags, engine.LookbackDelta),
            DynamicLookbackDelta = flags.Get(engine.DynamicLookbackDelta),
            ReplicaLabels = ReplicaLabels(flags.Get(engine.ReplicaLabels)),
            PartialResponse = flags.Get(engine.PartialResponse),
            AutoDownsampling = flags.Get(engine.AutoDownsampling),
            InstantDefaultMaxSourceResolution = flags.Get(engine.InstantDefaultMaxSourceResolution),
            DefaultStep = flags.Get(engine.DefaultStep),
            DefaultEvaluationInterval = flags.Get(engine.DefaultEvaluationInterval),
            MetadataDefaultTimeRange = NotNegative(flags, engine.MetadataDefaultTimeRange),
            MaxMemoryBytes = GivenOr(flags, engine.MaxMemoryBytes, QueryApiOptions.DefaultMemoryBytes),
            MaxTotalMemoryBytes = GivenOr(flags, engine.MaxTotalMemoryBytes, QueryApiOptions.DefaultTotalMemoryBytes),
            MaxSamples = NotNegative(flags, engine.MaxSamples),
            Parser = ParserOptions.Default with { ExtendedFunctions = flags.Get(engine.EnableXFunctions) },
            DisabledPlanPasses = flags.Get(engine.DisabledPlanPasses).ToHashSet(StringComparer.Ordinal),
            FleetPartialResponse = new FleetPartialResponse(
                flags.Get(engine.RulePartialResponse), flags.Get(engine.TargetPartialResponse), flags.Get(engine.MetadataPartialResponse),
                flags.Get(engine.ExemplarPartialResponse), flags.Get(engine.StatusPartialResponse)),
            DefaultEngine = flags.Get(engine.PromQLEngine),
            Telemetry = new QueryTelemetryBuckets
            {
                Seconds = Ascending(flags, engine.DurationBuckets),
                Samples = Ascending(flags, engine.SampleBuckets),
                Series = Ascending(flags, engine.SeriesBuckets),
            },
            Tenancy = declared.Tenancy.Options(flags),
        };
        return QueryFeatures.Apply(options, flags.Get(engine.Features), logger);
    }

    /// <summary>Each use of the flag may hold several labels, separated by commas.</summary>
    internal static IReadOnlyList<string> ReplicaLabels(IReadOnlyList<string> given) =>
        [.. given.SelectMany(g => g.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct().Order(Comparer<string>.Create(Utf8Text.CompareByBytes))];

    private static long GivenOr(ParsedFlags flags, Flag<long> flag, long otherwise) => flags.IsGiven(flag) ? NotNegative(flags, flag) : otherwise;

    private static TimeSpan NotNegative(ParsedFlags flags, Flag<TimeSpan> flag)
    {
        TimeSpan value = flags.Get(flag);
        return value >= TimeSpan.Zero ? value : throw new ComponentException($"--{flag.Name} must not be negative");
    }

    private static long NotNegative(ParsedFlags flags, Flag<long> flag)
    {
        long value = flags.Get(flag);
        return value >= 0 ? value : throw new ComponentException($"--{flag.Name} must not be negative");
    }

    private static IReadOnlyList<double> Ascending(ParsedFlags flags, Flag<IReadOnlyList<double>> flag)
    {
        IReadOnlyList<double> bounds = flags.Get(flag);
        for (var i = 1; i < bounds.Count; i++)
            if (!(bounds[i - 1] < bounds[i])) throw new ComponentException($"--{flag.Name}: bounds must ascend, {bounds[i]} does not");
        return bounds;
    }
}
