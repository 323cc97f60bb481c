using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Blocks.Tests;

/// <summary>Short forms for metas and buckets full of them.</summary>
internal static class TestBlocks
{
    /// <summary>A block id made of a number; its time is that many milliseconds after the epoch.</summary>
    public static BlockId Id(int number) => new(Ulid.NewUlid(DateTimeOffset.FromUnixTimeMilliseconds(number), new byte[10]));

    public static BlockMeta Meta(int id, params int[] sources) => new()
    {
        Id = Id(id),
        MinTimeMs = 0,
        MaxTimeMs = 100,
        Compaction = new BlockCompaction { Level = 1, Sources = [.. sources.Select(Id)] },
        Thanos = new ThanosMeta { Version = 1, Labels = Labels.Of("replica", "a"), Source = BlockSource.Sidecar },
    };

    public static Task PutAsync(this IBucket bucket, BlockMeta meta) =>
        bucket.UploadAsync(BlockLayout.MetaKey(meta.Id), BlockMetaWriter.ToUtf8(meta), CancellationToken.None);

    public static BlockSelection Select(DateTimeOffset now, params BlockMeta[] metas) => new(
        new MetaSnapshot(
            metas.ToDictionary(m => m.Id),
            new Dictionary<BlockId, PartialBlock>(),
            new Dictionary<BlockId, string>(),
            metas.ToDictionary(m => m.Id, m => new ListedBlock(m.Id, true, null, null))),
        now);
}
