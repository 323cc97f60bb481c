using Aion.Model;
using Aion.Protocol;
using Aion.Protocol.Wire.QueryApi;
using Aion.Storage;
using Grpc.Core;

namespace Aion.Query;

/// <summary>Turns calls of <c>thanos.Query</c> into parameters. Pure.</summary>
/// <remarks>Source: reference/grpc-api.md G-12. A plan beside the text, and skipChunks, say nothing new: the text is what is evaluated.</remarks>
internal sealed class QueryCallReader(QueryApiOptions options)
{
    /// <summary>Seconds that still fit as milliseconds.</summary>
    private const long MaxSeconds = long.MaxValue / 1000;

    private readonly LookbackPolicy _lookback = new((long)options.LookbackDelta.TotalMilliseconds, options.DynamicLookbackDelta);

    /// <exception cref="RpcException">InvalidArgument: a value that cannot be.</exception>
    /// <exception cref="StoreException">A store matcher is none.</exception>
    public QueryParameters Read(QueryCall call, long nowMs)
    {
        long resolutionMs = call.MaxResolutionSeconds == 0
            ? (long)options.InstantDefaultMaxSourceResolution.TotalSeconds * 1000
            : Milliseconds(call.MaxResolutionSeconds, "max_resolution_seconds");
        long startMs = !call.IsRange && call.StartSeconds == 0 ? nowMs : Milliseconds(call.StartSeconds, call.IsRange ? "start_time_seconds" : "time_seconds");
        long endMs = call.IsRange ? Milliseconds(call.EndSeconds, "end_time_seconds") : startMs;
        if (call.IsRange && call.StepSeconds <= 0)
            throw Invalid("zero or negative query resolution step widths are not accepted. Try a positive integer");
        if (endMs < startMs) throw Invalid("end timestamp must not be before start time");
        return new QueryParameters
        {
            Query = call.Query,
            StartMs = startMs,
            EndMs = endMs,
            StepMs = call.IsRange ? Milliseconds(call.StepSeconds, "interval_seconds") : 0,
            Timeout = call.TimeoutSeconds == 0 ? null : TimeSpan.FromSeconds(Math.Clamp(call.TimeoutSeconds, -1, int.MaxValue)),
            Select = Select(call, resolutionMs),
            LookbackMs = call.LookbackSeconds > 0 ? Milliseconds(call.LookbackSeconds, "lookback_delta_seconds") : _lookback.For(resolutionMs),
        };
    }

    /// <summary>The engine as requests over HTTP name it; "" where a call leaves it open.</summary>
    /// <exception cref="RpcException">InvalidArgument: there is no such engine.</exception>
    public static string NameOf(EngineType engine) => engine switch
    {
        EngineType.Default => "",
        EngineType.Prometheus => "prometheus",
        EngineType.Thanos => "thanos",
        _ => throw Invalid("invalid engine parameter"),
    };

    private SelectParameters Select(QueryCall call, long resolutionMs) => new()
    {
        Deduplicate = call.Deduplicate,
        ReplicaLabels = call.ReplicaLabels.Count > 0 ? call.ReplicaLabels : options.ReplicaLabels,
        PartialResponse = call.PartialResponse,
        StoreMatch = [.. call.StoreMatchers.Select(IReadOnlyList<LabelMatcher> (m) => MatcherMapping.ToModel(m.LabelMatchers))],
        MaxResolutionMs = resolutionMs,
        Shard = call.Shard is { TotalShards: > 0 } shard ? new ShardInfo(shard.ShardIndex, shard.TotalShards, shard.By, [.. shard.Labels]) : null,
    };

    private static long Milliseconds(long seconds, string field) => seconds is >= -MaxSeconds and <= MaxSeconds
        ? seconds * 1000
        : throw Invalid(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{field} is out of range: {seconds}"));

    private static RpcException Invalid(string message) => new(new Status(StatusCode.InvalidArgument, message));
}
