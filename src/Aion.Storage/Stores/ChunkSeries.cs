using Aion.Model;

namespace Aion.Storage;

/// <summary>The encoding byte of a chunk as the TSDB writes it.</summary>
public enum ChunkEncoding : byte
{
    None = 0,
    Xor = 1,
    Histogram = 2,
    FloatHistogram = 3,
    Xor2 = 4,
    HistogramSt = 5,
    FloatHistogramSt = 6,

    /// <summary>A chunk of downsampled data that holds up to five chunks, one an aggregate (Thanos).</summary>
    Aggregate = 0xFF,
}

/// <summary>The bytes of one encoded chunk, without length and checksum. They point into memory that the receiver keeps alive.</summary>
/// <param name="Hash">xxhash64 of the data, 0 when not computed: whoever needs it computes it.</param>
public readonly record struct Chunk(ChunkEncoding Encoding, ReadOnlyMemory<byte> Data, ulong Hash = 0)
{
    public bool IsEmpty => Encoding == ChunkEncoding.None;
}

/// <summary>The chunks of one window of downsampled data; those not asked for or not there are empty.</summary>
public sealed record AggregateChunks(Chunk Count, Chunk Sum, Chunk Min, Chunk Max, Chunk Counter);

/// <summary>One chunk of a series: raw, or downsampled when <paramref name="Downsampled"/> is there.</summary>
/// <param name="MinTimeMs">First sample, inclusive.</param>
/// <param name="MaxTimeMs">Last sample, inclusive.</param>
public readonly record struct SeriesChunk(long MinTimeMs, long MaxTimeMs, Chunk Raw, AggregateChunks? Downsampled = null);

/// <summary>A series, or a stretch of one, with its chunks.</summary>
public sealed record ChunkSeries(Labels Labels, IReadOnlyList<SeriesChunk> Chunks);
