using System.Text.Json;
using Aion.Model;

namespace Aion.Blocks;

/// <summary>
/// What <c>meta.json</c> says of a block: immutable, and the last thing written, so that a block exists when its meta does.
/// </summary>
public sealed record BlockMeta
{
    /// <summary>The only version there is.</summary>
    public const int Version1 = 1;

    public required BlockId Id { get; init; }

    /// <summary>Samples lie in <c>[MinTimeMs, MaxTimeMs)</c>.</summary>
    public required long MinTimeMs { get; init; }

    public required long MaxTimeMs { get; init; }

    public BlockStats Stats { get; init; } = new();

    public BlockCompaction Compaction { get; init; } = new();

    /// <summary>The blocks whose samples it holds, as they were cut from a head; one that names none came from itself. Ascending.</summary>
    public IReadOnlyList<BlockId> Sources => Compaction.Sources.Count == 0 ? [Id] : Compaction.Sources;

    /// <summary>The part that Prometheus does not know; its defaults in a block that Prometheus wrote.</summary>
    public ThanosMeta Thanos { get; init; } = new();
}

public sealed record BlockStats
{
    public ulong Samples { get; init; }

    public ulong FloatSamples { get; init; }

    public ulong HistogramSamples { get; init; }

    public ulong Series { get; init; }

    public ulong Chunks { get; init; }

    public ulong Tombstones { get; init; }
}

public sealed record BlockCompaction
{
    /// <summary>1 = cut from a head; each compaction adds one to the highest of its inputs.</summary>
    public int Level { get; init; }

    /// <summary>The level-1 blocks that went into this one, ascending.</summary>
    public IReadOnlyList<BlockId> Sources { get; init; } = [];

    public bool Deletable { get; init; }

    /// <summary>The direct inputs of the last compaction.</summary>
    public IReadOnlyList<ParentBlock> Parents { get; init; } = [];

    public bool Failed { get; init; }

    public IReadOnlyList<string> Hints { get; init; } = [];
}

public readonly record struct ParentBlock(BlockId Id, long MinTimeMs, long MaxTimeMs);

public sealed record ThanosMeta
{
    /// <summary>1; 0 in blocks from before there was one.</summary>
    public int Version { get; init; }

    /// <summary>External labels: which Prometheus, which replica.</summary>
    public Labels Labels { get; init; } = Labels.Empty;

    /// <summary>See <see cref="BlockResolution"/>.</summary>
    public long ResolutionMs { get; init; }

    /// <summary>Who made the block; see <see cref="BlockSource"/>.</summary>
    public string Source { get; init; } = "";

    /// <summary>Names of the chunk files. Deprecated by <see cref="Files"/>, still written.</summary>
    public IReadOnlyList<string> SegmentFiles { get; init; } = [];

    /// <summary>All objects of the block, ascending by path.</summary>
    public IReadOnlyList<BlockFile> Files { get; init; } = [];

    /// <summary>History of rewrites, an array, passed on as it is.</summary>
    public JsonElement? Rewrites { get; init; }

    public IndexStats IndexStats { get; init; }

    /// <summary>Whatever others keep here, passed on as it is.</summary>
    public JsonElement? Extensions { get; init; }

    /// <summary>When the upload ended; null when it is not known.</summary>
    public DateTimeOffset? UploadTime { get; init; }
}

/// <param name="RelativePath">With slashes, for example <c>chunks/000001</c>.</param>
/// <param name="SizeBytes">0 for meta.json, which can't hold its own size.</param>
public sealed record BlockFile(string RelativePath, long SizeBytes, FileHash? Hash = null);

/// <param name="Function">Only <c>SHA256</c>.</param>
/// <param name="Value">Lower-case hexadecimal.</param>
public sealed record FileHash(string Function, string Value);

/// <summary>Upper bounds that save a reader a second request; 0 = not known.</summary>
public readonly record struct IndexStats(long SeriesMaxSizeBytes, long ChunkMaxSizeBytes);

/// <summary>The three resolutions, in milliseconds between samples.</summary>
public static class BlockResolution
{
    public const long Raw = 0;

    public const long FiveMinutes = 5 * 60 * 1000;

    public const long OneHour = 60 * 60 * 1000;
}

/// <summary>The words for who made a block.</summary>
public static class BlockSource
{
    public const string Sidecar = "sidecar";

    public const string Receive = "receive";

    public const string Ruler = "ruler";

    public const string Compactor = "compactor";

    public const string CompactorRepair = "compactor.repair";

    public const string BucketRepair = "bucket.repair";

    public const string BucketRewrite = "bucket.rewrite";

    public const string BucketUpload = "bucket.upload";
}
