using System.Globalization;
using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor.Tests;

/// <summary>Short forms for metas.</summary>
internal static class TestMetas
{
    public static readonly Labels External = Labels.Of("cluster", "a");

    public static BlockId Id(int number) => new(Ulid.NewUlid(DateTimeOffset.FromUnixTimeMilliseconds(number), new byte[10]));

    public static BlockMeta Meta(int id, long minMs, long maxMs) => new()
    {
        Id = Id(id),
        MinTimeMs = minMs,
        MaxTimeMs = maxMs,
        Compaction = new BlockCompaction { Level = 1, Sources = [Id(id)] },
        Thanos = new ThanosMeta { Version = 1, Labels = External, Source = BlockSource.Sidecar },
    };

    /// <summary>Blocks drawn as <c>[0,20)[20,40)</c>, with ids 1, 2, ….</summary>
    public static BlockMeta[] Draw(string drawing) =>
    [
        .. drawing.Split(['[', ')'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select((text, i) =>
        {
            long[] bounds = [.. text.Split(',').Select(n => long.Parse(n, CultureInfo.InvariantCulture))];
            return Meta(i + 1, bounds[0], bounds[1]);
        }),
    ];

    public static string Draw(IEnumerable<BlockMeta> blocks) =>
        string.Concat(blocks.Select(b => string.Create(CultureInfo.InvariantCulture, $"[{b.MinTimeMs},{b.MaxTimeMs})")));

    public static BlockMeta With(this BlockMeta meta, long resolutionMs) => meta with { Thanos = meta.Thanos with { ResolutionMs = resolutionMs } };

    public static BlockMeta WithSources(this BlockMeta meta, params int[] sources) =>
        meta with { Compaction = meta.Compaction with { Sources = [.. sources.Select(Id)] } };

    public static BlockMeta WithFiles(this BlockMeta meta, long chunkBytes, long indexBytes) => meta with
    {
        Thanos = meta.Thanos with { Files = [new BlockFile("chunks/000001", chunkBytes), new BlockFile("index", indexBytes), new BlockFile("meta.json", 0)] },
    };

    public static BucketState State(params IEnumerable<BlockMeta> metas) => new() { Metas = metas.ToDictionary(m => m.Id) };
}
