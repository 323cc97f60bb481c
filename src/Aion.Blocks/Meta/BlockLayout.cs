using Aion.Model;

namespace Aion.Blocks;

/// <summary>Names of a block's files, in a folder and in a bucket alike.</summary>
public static class BlockLayout
{
    public const string MetaFile = "meta.json";

    public const string IndexFile = "index";

    public const string ChunksDirectory = "chunks";

    public const string DeletionMarkFile = "deletion-mark.json";

    public const string NoCompactMarkFile = "no-compact-mark.json";

    public const string NoDownsampleMarkFile = "no-downsample-mark.json";

    public static string Key(BlockId id, string file) => $"{id}/{file}";

    public static string MetaKey(BlockId id) => Key(id, MetaFile);

    public static string IndexKey(BlockId id) => Key(id, IndexFile);

    /// <summary>Key of a chunk segment; <paramref name="number"/> counts from 1.</summary>
    public static string ChunksKey(BlockId id, int number) => $"{id}/{ChunksDirectory}/{number:D6}";

    /// <summary>Whether a key or path is that of a marker.</summary>
    public static bool IsMark(string key) =>
        key[(key.LastIndexOf('/') + 1)..] is DeletionMarkFile or NoCompactMarkFile or NoDownsampleMarkFile;

    /// <summary>The block that a directory entry or key belongs to, by its first segment.</summary>
    public static bool TryBlockOf(string key, out BlockId id)
    {
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        return BlockId.TryParse(slash < 0 ? key : key[..slash], out id);
    }

    /// <summary>Blocks with one key merge with each other: same resolution, same external labels.</summary>
    public static string GroupKey(long resolutionMs, Labels labels) => $"{resolutionMs}@{labels.StableHash()}";

    public static string GroupKey(BlockMeta meta) => GroupKey(meta.Thanos.ResolutionMs, meta.Thanos.Labels);
}
