using Aion.Compactor;
using Aion.Hosting;
using Aion.Model;

namespace Aion.Tools;

/// <summary>Flags of <c>tools bucket plan</c>: those of <c>aion compact</c> that a plan depends on, by the same names.</summary>
internal sealed class PlanFlags(FlagSet flags)
{
    private readonly CompactorViewFlags _view = new(flags, asCompactor: true);
    private readonly RetentionFlags _retention = new(flags);

    private readonly Flag<IReadOnlyList<string>> _replicaLabels = flags.Strings(
        "deduplication.replica-label", "External label that replicas differ in (repeated); their blocks count as one group.");

    private readonly Flag<int> _maxLevel = flags.Int("debug.max-compaction-level", "Highest compaction level: 0 is 1h, 1 is 2h, 2 is 8h, 3 is 2d, 4 is 14d.", "4");

    private readonly Flag<long> _maxIndex = flags.Size("compact.block-max-index-size", "Size that no index of a merged block may exceed.", "64GB");

    private readonly Flag<bool> _mergesDownsampledOverlaps = flags.Bool(
        "compact.merge-downsampled-overlaps", "Merge overlapping downsampled blocks, instead of marking them to be left alone.");

    private readonly Flag<TimeOrDuration> _minTime = flags.TimeOrDuration(
        "min-time", "Start of the time range to compact: RFC 3339, or a duration relative to now such as -6w.", "0000-01-01T00:00:00Z");

    private readonly Flag<TimeOrDuration> _maxTime = flags.TimeOrDuration(
        "max-time", "End of the time range to compact: RFC 3339, or a duration relative to now such as -2h.", "9999-12-31T23:59:59Z");

    private readonly Flag<bool> _noDownsampling = flags.Bool("downsampling.disable", "Plan no downsampling.");

    private readonly Flag<long> _speed = flags.Size("plan.bytes-per-second", "Input that the compactor works off in a second, for the times; see its aion_compact metrics.", "50MB");

    public Flag<string> Output { get; } = flags.Enum("output", "Form of the output: table or json.", ["table", "json"], "table", @short: 'o');

    /// <exception cref="ComponentException">A flag makes no sense.</exception>
    public async Task<CompactorOptions> OptionsAsync(ParsedFlags values, ComponentContext context, CancellationToken cancellationToken)
    {
        int level = values.Get(_maxLevel);
        if (level < 0 || level > CompactionRanges.MaxLevel)
            throw new ComponentException($"--{_maxLevel.Name}={level} must be from 0 to {CompactionRanges.MaxLevel}");
        TimeOrDuration min = values.Get(_minTime), max = values.Get(_maxTime);
        if (min.ResolveMs(context.Time) > max.ResolveMs(context.Time))
            throw new ComponentException($"invalid argument: --min-time '{min}' can't be greater than --max-time '{max}'");
        CompactionPolicy policy = new()
        {
            RangesMs = CompactionRanges.UpTo(level),
            MaxIndexBytes = values.Get(_maxIndex),
            MergesDownsampledOverlaps = values.Get(_mergesDownsampledOverlaps),
            DownsamplingEnabled = !values.Get(_noDownsampling),
            Retention = await _retention.PolicyAsync(values, context, cancellationToken),
        };
        return await _view.OptionsAsync(values, context, policy, cancellationToken) with
        {
            ReplicaLabels = ReplicaLabelList.Split(values.Get(_replicaLabels)),
            MinTimeMs = _ => min.ResolveMs(context.Time),
            MaxTimeMs = _ => max.ResolveMs(context.Time),
        };
    }

    /// <exception cref="ComponentException">It is not more than zero.</exception>
    public double BytesPerSecond(ParsedFlags values) =>
        values.Get(_speed) is > 0 and var speed ? speed : throw new ComponentException($"--{_speed.Name} must be more than 0");
}
