using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>A block that is past its time.</summary>
/// <param name="Details">For the deletion mark.</param>
public sealed record ExpiredBlock(BlockMeta Block, string Details);

/// <summary>A block that is past its time and stays, because its data would be gone in a resolution that is still asked for.</summary>
public sealed record HeldBlock(BlockMeta Block, string Reason);

public sealed record RetentionPlan(IReadOnlyList<ExpiredBlock> Expired, IReadOnlyList<HeldBlock> Held);

/// <summary>Chooses the blocks to mark for deletion by age (reference/block-lifecycle.md L-7.4).</summary>
public static class RetentionPlanner
{
    public static RetentionPlan Plan(BucketState state, CompactionPolicy policy, DateTimeOffset now)
    {
        var expired = new List<ExpiredBlock>();
        var held = new List<HeldBlock>();
        if (policy.Retention.IsEmpty) return new RetentionPlan(expired, held);
        Lazy<DownsampleOutlook> outlook = new(() => new DownsampleOutlook(state, policy), isThreadSafe: false);
        foreach (BlockMeta meta in state.Metas.Values.OrderBy(m => m.MinTimeMs).ThenBy(m => m.Id))
        {
            if (state.DeletionMarks.ContainsKey(meta.Id)) continue;
            TimeSpan period = policy.Retention.Of(meta.Thanos.Labels).Of(meta.Thanos.ResolutionMs);
            if (!IsPast(meta, period, now)) continue;
            if (WhyHeld(meta, policy, outlook, now) is { } reason) held.Add(new HeldBlock(meta, reason));
            else expired.Add(new ExpiredBlock(meta, $"block exceeding retention of {GoDuration.Format(period)}"));
        }

        return new RetentionPlan(expired, held);
    }

    private static bool IsPast(BlockMeta meta, TimeSpan period, DateTimeOffset now) =>
        period > TimeSpan.Zero && now > DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(
            Floor(meta.MaxTimeMs), DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds() - (long)period.TotalSeconds)) + period;

    private static long Floor(long ms) => ms >= 0 ? ms / 1000 : (ms - 999) / 1000;

    private static string? WhyHeld(BlockMeta meta, CompactionPolicy policy, Lazy<DownsampleOutlook> outlook, DateTimeOffset now)
    {
        if (!policy.DownsamplingEnabled || policy.Retention.IgnoresMissingDownsampled) return null;
        return OutlivingResolution(meta, policy.Retention, now) is { } resolution && outlook.Value.IsOutstanding(meta)
            ? $"it is not downsampled yet and data of resolution {TimeSpan.FromMilliseconds(resolution)} is still asked for (--retention.delete-without-downsampled)"
            : null;
    }

    /// <summary>
    /// The finest of the coarser resolutions in which the block's data is still to be kept; null when there is none. All of them come from the
    /// next one.
    /// </summary>
    internal static long? OutlivingResolution(BlockMeta meta, RetentionPolicy policy, DateTimeOffset now)
    {
        RetentionPeriods periods = policy.Of(meta.Thanos.Labels);
        for (long? next = DownsamplePlanner.NextResolution(meta.Thanos.ResolutionMs); next is { } resolution; next = DownsamplePlanner.NextResolution(resolution))
            if (!IsPast(meta, periods.Of(resolution), now)) return resolution;
        return null;
    }
}
