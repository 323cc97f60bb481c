using System.Text.Json;
using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>What a new block's meta.json says, but for files and upload time, which the upload knows.</summary>
public static class CompactedMeta
{
    /// <summary>The meta of a merged block (L-5.4).</summary>
    /// <param name="sources">Not empty; by min time.</param>
    public static BlockMeta Merged(BlockId id, IReadOnlyList<BlockMeta> sources, MergeResult result)
    {
        return new BlockMeta
        {
            Id = id,
            MinTimeMs = sources.Min(s => s.MinTimeMs),
            MaxTimeMs = sources.Max(s => s.MaxTimeMs),
            Stats = result.Stats,
            Compaction = new BlockCompaction
            {
                Level = sources.Max(s => s.Compaction.Level) + 1,
                Sources = [.. sources.SelectMany(s => s.Compaction.Sources).Distinct().Order()],
                Parents = [.. sources.Select(s => new ParentBlock(s.Id, s.MinTimeMs, s.MaxTimeMs))],
            },
            Thanos = new ThanosMeta
            {
                Version = sources.Max(s => s.Thanos.Version),
                Labels = sources[0].Thanos.Labels,
                ResolutionMs = sources[0].Thanos.ResolutionMs,
                Source = BlockSource.Compactor,
                IndexStats = result.IndexStats,
                Extensions = CommonExtensions(sources),
            },
        };
    }

    /// <summary>The meta of a downsampled block: the source's, but for what the new block holds (L-8.4).</summary>
    public static BlockMeta Downsampled(BlockId id, BlockMeta source, long resolutionMs, MergeResult result) => source with
    {
        Id = id,
        Stats = source.Stats with { Samples = result.Stats.Samples, Series = result.Stats.Series, Chunks = result.Stats.Chunks },
        Thanos = source.Thanos with
        {
            ResolutionMs = resolutionMs,
            Source = BlockSource.Compactor,
            IndexStats = result.IndexStats,
            SegmentFiles = [],
            Files = [],
            UploadTime = null,
        },
    };

    /// <summary>Of the sources with an object for extensions: the keys that all of them have, with the values of the earliest.</summary>
    private static JsonElement? CommonExtensions(IReadOnlyList<BlockMeta> sources)
    {
        JsonElement[] objects =
        [
            .. sources.OrderBy(s => s.MinTimeMs).Select(s => s.Thanos.Extensions)
                .Where(e => e is { ValueKind: JsonValueKind.Object }).Select(e => e!.Value),
        ];
        if (objects.Length == 0) return null;
        Dictionary<string, JsonElement> common = objects[0].EnumerateObject()
            .Where(p => Array.TrueForAll(objects, o => o.TryGetProperty(p.Name, out _)))
            .ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        return common.Count == 0 ? null : JsonSerializer.SerializeToElement(common);
    }
}
