using Aion.Model;
using Aion.Storage;

namespace Aion.Protocol;

/// <summary><see cref="SelectRequest"/> to and from <c>thanos.SeriesRequest</c>. Tenant and budget do not travel in the message.</summary>
public static class SelectRequestMapping
{
    /// <param name="request">The message as received.</param>
    /// <param name="cache">Where matchers may come from; null to make each anew.</param>
    /// <param name="readHints">Whether this store is made of blocks and reads the block hints; others ignore them unread.</param>
    /// <exception cref="StoreException">Invalid argument: a bad matcher, bad hints, a negative batch size.</exception>
    public static SelectRequest ToSelect(Wire.SeriesRequest request, bool readHints, IMatcherCache? cache = null)
    {
        if (request.ResponseBatchSize < 0)
            throw new StoreException(StoreErrorKind.InvalidArgument, $"response_batch_size must not be negative, got {request.ResponseBatchSize}");
        return new SelectRequest
        {
            MinTimeMs = request.MinTime,
            MaxTimeMs = request.MaxTime,
            Matchers = MatcherMapping.ToModel(request.Matchers, cache),
            MaxResolutionMs = request.MaxResolutionWindow,
            Aggregates = ToModel(request.Aggregates),
            PartialResponse = StrategyOf(request.PartialResponseDisabled, request.PartialResponseStrategy),
            SkipChunks = request.SkipChunks,
            WithoutReplicaLabels = [.. request.WithoutReplicaLabels],
            Limit = Math.Max(0, request.Limit),
            BatchSize = (int)Math.Min(request.ResponseBatchSize, int.MaxValue),
            Shard = request.ShardInfo is { TotalShards: > 0 } shard
                ? new ShardInfo(shard.ShardIndex, shard.TotalShards, shard.By, [.. shard.Labels])
                : null,
            Hints = ToModel(request.QueryHints),
            BlockMatchers = readHints ? MatcherMapping.BlockMatchersOf(request.Hints) : [],
        };
    }

    public static Wire.SeriesRequest ToWire(SelectRequest request)
    {
        var wire = new Wire.SeriesRequest
        {
            MinTime = request.MinTimeMs,
            MaxTime = request.MaxTimeMs,
            MaxResolutionWindow = request.MaxResolutionMs,
            PartialResponseStrategy = ToWire(request.PartialResponse),
            SkipChunks = request.SkipChunks,
            Limit = request.Limit,
            ResponseBatchSize = request.BatchSize,
            QueryHints = ToWire(request.Hints),
        };
        foreach (var matcher in request.Matchers) wire.Matchers.Add(MatcherMapping.ToWire(matcher));
        for (var bit = 0; bit <= (int)Wire.Aggr.Counter; bit++)
            if (request.Aggregates.HasFlag((Aggregates)(1 << bit))) wire.Aggregates.Add((Wire.Aggr)bit);
        wire.WithoutReplicaLabels.Add(request.WithoutReplicaLabels);
        if (request.Shard is { } shard)
        {
            wire.ShardInfo = new Wire.ShardInfo { ShardIndex = shard.ShardIndex, TotalShards = shard.TotalShards, By = shard.By };
            wire.ShardInfo.Labels.Add(shard.Labels);
        }

        if (request.BlockMatchers.Count > 0)
        {
            var hints = new Wire.Hints.SeriesRequestHints();
            foreach (var matcher in request.BlockMatchers) hints.BlockMatchers.Add(MatcherMapping.ToWire(matcher));
            wire.Hints = MatcherMapping.Pack(hints);
        }

        return wire;
    }

    internal static PartialResponse StrategyOf(bool disabled, Wire.PartialResponseStrategy strategy) =>
        disabled || strategy == Wire.PartialResponseStrategy.Abort ? PartialResponse.Abort : PartialResponse.Warn;

    internal static Wire.PartialResponseStrategy ToWire(PartialResponse strategy) =>
        strategy == PartialResponse.Abort ? Wire.PartialResponseStrategy.Abort : Wire.PartialResponseStrategy.Warn;

    private static Aggregates ToModel(IEnumerable<Wire.Aggr> aggregates)
    {
        var set = Aggregates.None;
        foreach (var aggregate in aggregates)
        {
            if (aggregate is < Wire.Aggr.Raw or > Wire.Aggr.Counter)
                throw new StoreException(StoreErrorKind.InvalidArgument, $"unknown aggregate {(int)aggregate}");
            set |= (Aggregates)(1 << (int)aggregate);
        }

        return set;
    }

    private static QueryHints? ToModel(Wire.QueryHints? hints) => hints is null
        ? null
        : new QueryHints
        {
            StepMs = hints.StepMillis,
            Function = hints.Func?.Name ?? "",
            By = hints.Grouping?.By ?? false,
            Grouping = hints.Grouping is null ? [] : [.. hints.Grouping.Labels],
            RangeMs = hints.Range?.Millis ?? 0,
            ProjectionLabels = [.. hints.ProjectionLabels],
            ProjectionInclude = hints.ProjectionInclude,
            SeriesHashLabel = hints.SeriesHashLabelName,
        };

    private static Wire.QueryHints? ToWire(QueryHints? hints)
    {
        if (hints is null) return null;
        var wire = new Wire.QueryHints
        {
            StepMillis = hints.StepMs,
            ProjectionInclude = hints.ProjectionInclude,
            SeriesHashLabelName = hints.SeriesHashLabel,
        };
        wire.ProjectionLabels.Add(hints.ProjectionLabels);
        if (hints.Function.Length > 0) wire.Func = new Wire.Func { Name = hints.Function };
        if (hints.RangeMs != 0) wire.Range = new Wire.Range { Millis = hints.RangeMs };
        if (hints.By || hints.Grouping.Count > 0)
        {
            wire.Grouping = new Wire.Grouping { By = hints.By };
            wire.Grouping.Labels.Add(hints.Grouping);
        }

        return wire;
    }
}
