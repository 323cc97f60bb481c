using System.Text.Json;
using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>What the meta.json of a new block says (reference/block-lifecycle.md L-5.4, L-8.4). Files and upload time are the uploader's.</summary>
internal static class ResultMeta
{
    public static BlockMeta OfMerge(BlockId id, CompactionPlan plan, MergeResult result) => new()
    {
        Id = id,
        MinTimeMs = plan.MinTimeMs,
        MaxTimeMs = plan.MaxTimeMs,
        Stats = result.Stats,
        Compaction = new BlockCompaction
        {
            Level = plan.Blocks.Max(b => b.Compaction.Level) + 1,
            Sources = plan.Sources,
            Parents = [.. plan.Blocks.Select(b => new ParentBlock(b.Id, b.MinTimeMs, b.MaxTimeMs))],
        },
        Thanos = new ThanosMeta
        {
            Labels = plan.Group.Labels,
            ResolutionMs = plan.Group.ResolutionMs,
            Source = BlockSource.Compactor,
            IndexStats = result.IndexStats,
            Extensions = Extensions(plan.Blocks),
        },
    };

    /// <summary>The source's, but for its numbers; its time range stays although the last window may end before it.</summary>
    public static BlockMeta OfDownsampling(BlockId id, DownsamplePlan plan, MergeResult result) => plan.Block with
    {
        Id = id,
        Stats = plan.Block.Stats with { Samples = result.Stats.Samples, Series = result.Stats.Series, Chunks = result.Stats.Chunks },
        Thanos = plan.Block.Thanos with
        {
            ResolutionMs = plan.ToResolutionMs,
            Source = BlockSource.Compactor,
            IndexStats = result.IndexStats,
            Files = [],
            SegmentFiles = [],
            UploadTime = null,
        },
    };

    /// <summary>What others keep in metas survives where all blocks that have it agree on its presence; the earliest block's values count.</summary>
    private static JsonElement? Extensions(IReadOnlyList<BlockMeta> blocks)
    {
        List<JsonElement> all = [.. blocks.OrderBy(b => b.MinTimeMs).Select(b => b.Thanos.Extensions).OfType<JsonElement>().Where(e => e.ValueKind == JsonValueKind.Object)];
        if (all.Count == 0) return null;
        var common = new Dictionary<string, JsonElement>();
        foreach (JsonProperty property in all[0].EnumerateObject())
            if (all.TrueForAll(e => e.TryGetProperty(property.Name, out _))) common[property.Name] = property.Value;
        return common.Count == 0 ? null : JsonSerializer.SerializeToElement(common);
    }
}
