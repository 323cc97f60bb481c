using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>One merge that lies ahead, with its result as it will probably be.</summary>
/// <param name="Plan">Blocks in it may themselves be results that do not exist yet.</param>
public sealed record ForecastStep(CompactionPlan Plan, BlockMeta Result);

/// <summary>All merges that a group needs until nothing is left to do, found by planning again and again as if each had been done.</summary>
/// <param name="Final">The group's blocks at the end.</param>
/// <param name="Marks">Marks that the plans ask for on the way.</param>
public sealed record CompactionForecast(
    BlockGroup Group, IReadOnlyList<ForecastStep> Steps, IReadOnlyList<BlockMeta> Final, IReadOnlyList<PlannedMark> Marks)
{
    public static CompactionForecast Of(BlockGroup group, IReadOnlySet<BlockId> leftAlone, CompactionPolicy policy)
    {
        var steps = new List<ForecastStep>();
        var marks = new List<PlannedMark>();
        var marked = new HashSet<BlockId>(leftAlone);
        BlockGroup current = group;
        while (true)
        {
            CompactionPlan plan = GroupPlanner.Plan(current, marked, policy);
            marks.AddRange(plan.Marks);
            marked.UnionWith(plan.Marks.Select(m => m.Block));
            if (plan.IsEmpty) return new CompactionForecast(group, steps, current.Blocks, marks);
            BlockMeta result = Merged(plan);
            steps.Add(new ForecastStep(plan, result));
            current = current.With(current.Blocks.Except(plan.Blocks).Append(result));
        }
    }

    /// <summary>The result of a plan as far as metas tell; sizes are the sums, which a merge of replicas stays below.</summary>
    internal static BlockMeta Merged(CompactionPlan plan)
    {
        BlockMeta newest = plan.Blocks[^1];
        return newest with
        {
            MinTimeMs = plan.MinTimeMs,
            MaxTimeMs = plan.MaxTimeMs,
            Stats = new BlockStats
            {
                Samples = Sum(plan, s => s.Samples),
                FloatSamples = Sum(plan, s => s.FloatSamples),
                HistogramSamples = Sum(plan, s => s.HistogramSamples),
                Chunks = Sum(plan, s => s.Chunks),
                Series = plan.Blocks.Max(b => b.Stats.Series),
            },
            Compaction = new BlockCompaction { Level = plan.Blocks.Max(b => b.Compaction.Level) + 1, Sources = plan.Sources },
            Thanos = newest.Thanos with
            {
                Files =
                [
                    new BlockFile($"{BlockLayout.ChunksDirectory}/000001", plan.InputBytes - plan.Blocks.Sum(b => b.IndexBytes())),
                    new BlockFile(BlockLayout.IndexFile, plan.Blocks.Sum(b => b.IndexBytes())),
                ],
            },
        };
    }

    private static ulong Sum(CompactionPlan plan, Func<BlockStats, ulong> of)
    {
        ulong total = 0;
        foreach (BlockMeta block in plan.Blocks) total += of(block.Stats);
        return total;
    }
}
