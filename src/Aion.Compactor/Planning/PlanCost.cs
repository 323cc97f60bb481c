using Aion.Blocks;

namespace Aion.Compactor;

/// <summary>What an action takes, estimated from metas.</summary>
/// <param name="ReadBytes">Fetched from the bucket.</param>
/// <param name="WrittenBytes">Stored in the bucket, at most.</param>
/// <param name="Requests">Calls to the bucket.</param>
public readonly record struct PlanCost(long ReadBytes, long WrittenBytes, long Requests)
{
    public static PlanCost operator +(PlanCost a, PlanCost b) =>
        new(a.ReadBytes + b.ReadBytes, a.WrittenBytes + b.WrittenBytes, a.Requests + b.Requests);

    /// <param name="bytesPerSecond">Input that is worked off in a second, from what was measured.</param>
    public TimeSpan Duration(double bytesPerSecond) => TimeSpan.FromSeconds(ReadBytes / bytesPerSecond);

    internal static PlanCost OfMerge(CompactionPlan plan)
    {
        long requests = 0;
        // Each source is read whole and later marked, which takes three looks.
        foreach (BlockMeta block in plan.Blocks) requests += block.ObjectCount() + 3;
        long segments = 1 + (plan.InputBytes / Aion.Tsdb.BlockWriter.DefaultSegmentLimitBytes);
        return new PlanCost(plan.InputBytes, plan.InputBytes, requests + segments + 2);
    }

    internal static PlanCost OfDownsampling(DownsamplePlan plan)
    {
        long bytes = plan.Block.TotalBytes();
        return new PlanCost(bytes, bytes / DownsampledShare(plan.ToResolutionMs), plan.Block.ObjectCount() + 3);
    }

    internal static PlanCost OfDeletion(BlockMeta? block) => new(0, 0, (block?.ObjectCount() ?? 3) + 4);

    internal static PlanCost OfMark { get; } = new(0, 0, 3);

    // A window of five minutes holds ten samples at the usual thirty seconds and becomes five values; an hour holds twelve windows.
    private static long DownsampledShare(long resolutionMs) => resolutionMs == BlockResolution.FiveMinutes ? 2 : 10;
}
