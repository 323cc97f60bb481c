using System.Text.Json;

namespace Aion.Blocks;

/// <summary>Reads meta.json. Unknown fields are skipped; what is known must have its type and range.</summary>
public static class BlockMetaReader
{
    /// <summary>More than any meta.json has; a bound against a bucket that serves something else under the name.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <param name="origin">Where the text comes from, for the error.</param>
    /// <exception cref="BlockMetaException">The text is no meta.json of a version that is known here.</exception>
    public static BlockMeta Parse(ReadOnlyMemory<byte> utf8, string origin)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            return Read(new JsonFields(document.RootElement, origin, ""));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperation: text that is no valid UTF-8 or UTF-16.
            throw new BlockMetaException(BlockMetaError.Corrupt, $"{origin}: no valid JSON: {e.Message}", e);
        }
    }

    private static BlockMeta Read(JsonFields root)
    {
        long version = root.Int64("version");
        if (version != BlockMeta.Version1)
            throw new BlockMetaException(BlockMetaError.Version, $"{root.Origin}: unexpected meta file version {version}, only {BlockMeta.Version1} is known");
        var meta = new BlockMeta
        {
            Id = root.Block("ulid"),
            MinTimeMs = root.Int64("minTime"),
            MaxTimeMs = root.Int64("maxTime"),
            Stats = ReadStats(root.Object("stats")),
            Compaction = ReadCompaction(root.Object("compaction")),
            Thanos = ReadThanos(root.Object("thanos")),
        };
        if (meta.MinTimeMs > meta.MaxTimeMs)
            throw new BlockMetaException(BlockMetaError.Corrupt, $"{root.Origin}: minTime {meta.MinTimeMs} is after maxTime {meta.MaxTimeMs}");
        return meta;
    }

    private static BlockStats ReadStats(JsonFields stats) => new()
    {
        Samples = stats.UInt64("numSamples"),
        FloatSamples = stats.UInt64("numFloatSamples"),
        HistogramSamples = stats.UInt64("numHistogramSamples"),
        Series = stats.UInt64("numSeries"),
        Chunks = stats.UInt64("numChunks"),
        Tombstones = stats.UInt64("numTombstones"),
    };

    private static BlockCompaction ReadCompaction(JsonFields compaction) => new()
    {
        Level = checked((int)compaction.Int64("level", int.MinValue, int.MaxValue)),
        Sources = compaction.Blocks("sources"),
        Deletable = compaction.Bool("deletable"),
        Parents = [.. compaction.Objects("parents").Select(p => new ParentBlock(p.Block("ulid"), p.Int64("minTime"), p.Int64("maxTime")))],
        Failed = compaction.Bool("failed"),
        Hints = compaction.Texts("hints"),
    };

    private static ThanosMeta ReadThanos(JsonFields thanos)
    {
        long version = thanos.Int64("version");
        if (version is not 0 and not 1)
            throw new BlockMetaException(BlockMetaError.Version, $"{thanos.Origin}: unexpected thanos section version {version}, only 1 is known");
        JsonFields stats = thanos.Object("index_stats");
        DateTimeOffset uploaded = thanos.Time("upload_time");
        return new ThanosMeta
        {
            Version = (int)version,
            Labels = thanos.Labels("labels"),
            ResolutionMs = thanos.Object("downsample").Int64("resolution", 0, long.MaxValue),
            Source = thanos.Text("source"),
            SegmentFiles = thanos.Texts("segment_files"),
            Files = [.. thanos.Objects("files").Select(ReadFile)],
            Rewrites = thanos.Raw("rewrites", JsonValueKind.Array),
            IndexStats = new IndexStats(stats.Int64("series_max_size", 0, long.MaxValue), stats.Int64("chunk_max_size", 0, long.MaxValue)),
            Extensions = thanos.Raw("extensions", null),
            UploadTime = uploaded == DateTimeOffset.MinValue ? null : uploaded,
        };
    }

    private static BlockFile ReadFile(JsonFields file)
    {
        JsonFields hash = file.Object("hash");
        return new BlockFile(
            file.Text("rel_path"),
            file.Int64("size_bytes", 0, long.MaxValue),
            hash.IsAbsent ? null : new FileHash(hash.Text("hashFunc"), hash.Text("value")));
    }
}

/// <summary>What is wrong with a meta.json or a marker.</summary>
public enum BlockMetaError
{
    /// <summary>No JSON, or a field that can't be.</summary>
    Corrupt,

    /// <summary>Sound, but of a version that this program does not know.</summary>
    Version,
}

/// <summary>A meta.json or marker can't be used; the message names the object and the field.</summary>
public sealed class BlockMetaException(BlockMetaError error, string message, Exception? inner = null) : Exception(message, inner)
{
    public BlockMetaError Error { get; } = error;
}
