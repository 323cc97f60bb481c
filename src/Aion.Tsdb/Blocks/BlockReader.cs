using System.Diagnostics.CodeAnalysis;
using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>
/// A block directory: index, chunk segments and tombstones (meta.json is the caller's). Files stay mapped until the reader is disposed
/// <em>and</em> every lease is given back, so chunk bytes are good while a lease is held. Thread-safe.
/// </summary>
public sealed class BlockReader : IDisposable
{
    private readonly ChunkSegments _chunks;

    // The owner and each lease count one; files close when it comes to 0.
    private int _references = 1;
    private int _disposed;

    private BlockReader(string directory, IndexReader index, ChunkSegments chunks, Tombstones tombstones)
    {
        Directory = directory;
        Index = index;
        _chunks = chunks;
        Tombstones = tombstones;
    }

    public string Directory { get; }

    /// <summary>Owned by this reader.</summary>
    public IndexReader Index { get; }

    public Tombstones Tombstones { get; }

    /// <exception cref="TsdbCorruptionException">A header, a table or the tombstones are damaged; names file and byte.</exception>
    /// <exception cref="IOException">A part of the block is missing or can't be read.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The reader owns what it is given; on failure all is closed below.")]
    public static BlockReader Open(string directory)
    {
        Tombstones tombstones = Tombstones.Read(Path.Combine(directory, "tombstones"));
        ChunkSegments chunks = ChunkSegments.Open(Path.Combine(directory, "chunks"));
        try
        {
            return new BlockReader(directory, IndexReader.Open(Path.Combine(directory, "index")), chunks, tombstones);
        }
        catch
        {
            chunks.Dispose();
            throw;
        }
    }

    /// <summary>Keeps the files mapped until the lease is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The block is closed already.</exception>
    public IDisposable Lease()
    {
        int seen = Volatile.Read(ref _references);
        while (true)
        {
            ObjectDisposedException.ThrowIf(seen == 0, this);
            int before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen) return new BlockLease(this);
            seen = before;
        }
    }

    /// <summary>
    /// The matching series that have chunks in the closed range, in label order; wholly deleted chunks are left out, others may still hold
    /// deleted
    /// samples, which <see cref="ReadSamples"/> leaves out. Hold a <see cref="Lease"/> while walking and while using the chunks' bytes.
    /// </summary>
    /// <param name="withChunks">False: all matching series with no chunks, whatever their time.</param>
    /// <exception cref="TsdbCorruptionException">The index is damaged where it was read.</exception>
    public IEnumerable<BlockSeries> Select(IReadOnlyList<LabelMatcher> matchers, long minMs, long maxMs, bool withChunks = true)
    {
        var entry = new SeriesEntry();
        var scratch = new LabelsBuilder();
        foreach (uint series in Index.Select(matchers))
        {
            Index.ReadSeries(series, entry, minMs, maxMs, withChunks);
            if (withChunks && entry.Chunks.Count == 0) continue;
            ChunkMeta[] chunks = Undeleted(series, entry.Chunks);
            if (withChunks && chunks.Length == 0) continue;
            yield return new BlockSeries(series, Index.LabelsOf(entry, scratch), chunks);
        }
    }

    /// <summary>The bytes of a chunk, pointing into the mapped file.</summary>
    /// <exception cref="TsdbCorruptionException">The chunk is damaged or not there.</exception>
    public Chunk ReadChunk(ChunkMeta meta) => _chunks.Read(meta);

    /// <summary>Appends the undeleted samples of a series in the closed range, chunk by chunk.</summary>
    /// <exception cref="TsdbCorruptionException">A chunk is damaged; the samples of the chunks before it are in the buffer.</exception>
    public void ReadSamples(BlockSeries series, SampleBuffer into, long minMs, long maxMs)
    {
        foreach (ChunkMeta meta in series.Chunks)
        {
            Chunk chunk = ReadChunk(meta);
            try
            {
                DecodeUndeleted(chunk, Tombstones.Of(series.Id), into, minMs, maxMs);
            }
            catch (TsdbCorruptionException e) when (e.Path.Length == 0)
            {
                throw e.In($"{Directory}: segment {meta.Segment + 1}, chunk at", meta.Offset);
            }
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) Release();
    }

    /// <summary>Decodes the gaps between deletions, so that deleted samples never reach the buffer.</summary>
    private static void DecodeUndeleted(Chunk chunk, ReadOnlySpan<TimeRange> deleted, SampleBuffer into, long minMs, long maxMs)
    {
        foreach (TimeRange range in deleted)
        {
            if (range.MaxMs < minMs) continue;
            if (range.MinMs > maxMs) break;
            if (range.MinMs > minMs) ChunkDecoder.Decode(chunk, into, minMs, range.MinMs - 1);
            if (range.MaxMs == long.MaxValue) return;
            minMs = range.MaxMs + 1;
        }

        if (minMs <= maxMs) ChunkDecoder.Decode(chunk, into, minMs, maxMs);
    }

    private ChunkMeta[] Undeleted(uint series, IReadOnlyList<ChunkMeta> chunks)
    {
        if (Tombstones.Of(series).IsEmpty) return [.. chunks];
        return [.. chunks.Where(c => !IsDeleted(c, Tombstones.Of(series)))];
    }

    private static bool IsDeleted(ChunkMeta chunk, ReadOnlySpan<TimeRange> deleted)
    {
        foreach (TimeRange range in deleted)
            if (range.MinMs <= chunk.MinTimeMs && chunk.MaxTimeMs <= range.MaxMs) return true;
        return false;
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0) return;
        Index.Dispose();
        _chunks.Dispose();
    }

    private sealed class BlockLease(BlockReader block) : IDisposable
    {
        private int _returned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0) block.Release();
        }
    }
}

/// <summary>A series of a block with the chunks that were asked for.</summary>
/// <param name="Id">The series' id in the index.</param>
public sealed record BlockSeries(uint Id, Labels Labels, IReadOnlyList<ChunkMeta> Chunks);
