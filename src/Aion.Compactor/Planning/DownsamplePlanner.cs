using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>A block to be read at a finer resolution and written at a coarser one.</summary>
public sealed record DownsamplePlan(BlockMeta Block, long ToResolutionMs);

/// <summary>Chooses the blocks to downsample (reference/block-lifecycle.md L-8.1 to L-8.3).</summary>
public static class DownsamplePlanner
{
    /// <summary>Shortest raw block that is downsampled.</summary>
    public const long MinRawRangeMs = 40L * 60 * 60 * 1000;

    /// <summary>Shortest 5-minute block that is downsampled.</summary>
    public const long MinFiveMinuteRangeMs = 10L * 24 * 60 * 60 * 1000;

    /// <summary>What is to be downsampled in a bucket; nothing whose result would be past its retention at once.</summary>
    public static IReadOnlyList<DownsamplePlan> Plan(BucketState state, CompactionPolicy policy, DateTimeOffset now) =>
        Plan(state, state.Staying, policy, now);

    /// <summary>The same for other blocks than the bucket holds now.</summary>
    internal static IReadOnlyList<DownsamplePlan> Plan(BucketState state, IEnumerable<BlockMeta> metas, CompactionPolicy policy, DateTimeOffset now) =>
        policy.DownsamplingEnabled
            ? [.. Plan(metas, state.NoDownsampleMarks.Keys.ToHashSet()).Where(p => RetentionPlanner.OutlivingResolution(p.Block, policy.Retention, now) is not null)]
            : [];

    /// <summary>The blocks whose next resolution is missing, by id. Those at one hour have none.</summary>
    /// <param name="leftAlone">Blocks with a no-downsample mark.</param>
    public static IReadOnlyList<DownsamplePlan> Plan(IEnumerable<BlockMeta> metas, IReadOnlySet<BlockId> leftAlone)
    {
        BlockMeta[] all = [.. metas.OrderBy(m => m.Id)];
        var coverage = new DownsampleCoverage(all);
        return
        [
            .. all.Where(m => !leftAlone.Contains(m.Id) && IsEligible(m) && !coverage.Covers(m))
                .Select(m => new DownsamplePlan(m, NextResolution(m.Thanos.ResolutionMs)!.Value)),
        ];
    }

    /// <summary>Null when there is no coarser resolution.</summary>
    public static long? NextResolution(long resolutionMs) => resolutionMs switch
    {
        BlockResolution.Raw => BlockResolution.FiveMinutes,
        BlockResolution.FiveMinutes => BlockResolution.OneHour,
        _ => null,
    };

    /// <summary>Whether a block is long enough to have a coarser form.</summary>
    public static bool IsEligible(BlockMeta meta) => meta.Thanos.ResolutionMs switch
    {
        BlockResolution.Raw => meta.MaxTimeMs - meta.MinTimeMs >= MinRawRangeMs,
        BlockResolution.FiveMinutes => meta.MaxTimeMs - meta.MinTimeMs >= MinFiveMinuteRangeMs,
        _ => false,
    };
}
