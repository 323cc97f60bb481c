using Aion.Protocol.Wire;
using Aion.Protocol.Wire.QueryApi;

namespace Aion.Query;

/// <summary>What <c>QueryRequest</c> and <c>QueryRangeRequest</c> have in common. Times in seconds, as on the wire.</summary>
internal sealed record QueryCall
{
    public required string Query { get; init; }

    public required bool IsRange { get; init; }

    /// <summary>Of an instant query its time, 0 for now.</summary>
    public required long StartSeconds { get; init; }

    public required long EndSeconds { get; init; }

    public long StepSeconds { get; init; }

    /// <summary>0: none of its own.</summary>
    public required long TimeoutSeconds { get; init; }

    public required long MaxResolutionSeconds { get; init; }

    public required IReadOnlyList<string> ReplicaLabels { get; init; }

    public required IReadOnlyList<StoreMatchers> StoreMatchers { get; init; }

    public required bool Deduplicate { get; init; }

    public required bool PartialResponse { get; init; }

    public required ShardInfo? Shard { get; init; }

    public required long LookbackSeconds { get; init; }

    public required EngineType Engine { get; init; }

    public required long BatchSize { get; init; }

    public static QueryCall Of(QueryRequest request) => new()
    {
        Query = request.Query,
        IsRange = false,
        StartSeconds = request.TimeSeconds,
        EndSeconds = request.TimeSeconds,
        TimeoutSeconds = request.TimeoutSeconds,
        MaxResolutionSeconds = request.MaxResolutionSeconds,
        ReplicaLabels = request.ReplicaLabels,
        StoreMatchers = request.StoreMatchers,
        Deduplicate = request.EnableDedup,
        PartialResponse = request.EnablePartialResponse,
        Shard = request.ShardInfo,
        LookbackSeconds = request.LookbackDeltaSeconds,
        Engine = request.Engine,
        BatchSize = request.ResponseBatchSize,
    };

    public static QueryCall Of(QueryRangeRequest request) => new()
    {
        Query = request.Query,
        IsRange = true,
        StartSeconds = request.StartTimeSeconds,
        EndSeconds = request.EndTimeSeconds,
        StepSeconds = request.IntervalSeconds,
        TimeoutSeconds = request.TimeoutSeconds,
        MaxResolutionSeconds = request.MaxResolutionSeconds,
        ReplicaLabels = request.ReplicaLabels,
        StoreMatchers = request.StoreMatchers,
        Deduplicate = request.EnableDedup,
        PartialResponse = request.EnablePartialResponse,
        Shard = request.ShardInfo,
        LookbackSeconds = request.LookbackDeltaSeconds,
        Engine = request.Engine,
        BatchSize = request.ResponseBatchSize,
    };
}
