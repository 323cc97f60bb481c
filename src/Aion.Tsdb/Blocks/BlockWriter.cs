using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>What a written block holds; for its meta.json.</summary>
public sealed record BlockStats
{
    public long SeriesCount { get; init; }

    public long ChunkCount { get; init; }

    public long FloatSampleCount { get; init; }

    public long HistogramSampleCount { get; init; }

    public long SampleCount => FloatSampleCount + HistogramSampleCount;

    /// <summary>First sample; <see cref="long.MaxValue"/> when there is none.</summary>
    public long MinTimeMs { get; init; } = long.MaxValue;

    /// <summary>Last sample, inclusive; <see cref="long.MinValue"/> when there is none.</summary>
    public long MaxTimeMs { get; init; } = long.MinValue;
}

/// <summary>
/// Writes a block directory: symbols, then series with their chunks in label order, then <see cref="Complete"/>. Until then everything is
/// in
/// <see cref="TempDirectory"/>, which <see cref="Dispose"/> removes. The caller writes meta.json there. Not thread-safe.
/// </summary>
public sealed class BlockWriter : IDisposable
{
    public const long DefaultSegmentLimitBytes = 512L << 20;

    private const string TempSuffix = ".tmp-for-creation";

    private readonly string _directory;
    private readonly ChunkSegmentWriter _chunks;
    private readonly IndexWriter _index;
    private bool _completed;

    /// <param name="directory">The block's final directory; it must not exist, its parent must.</param>
    public BlockWriter(string directory, long segmentLimitBytes = DefaultSegmentLimitBytes)
    {
        if (Directory.Exists(directory)) throw new IOException($"{directory} exists already");
        _directory = directory;
        TempDirectory = directory + TempSuffix;
        // What a crash left behind is of no use to anyone.
        if (Directory.Exists(TempDirectory)) Directory.Delete(TempDirectory, recursive: true);
        string chunkDirectory = Path.Combine(TempDirectory, "chunks");
        Directory.CreateDirectory(chunkDirectory);
        _chunks = new ChunkSegmentWriter(chunkDirectory, segmentLimitBytes);
        _index = IndexWriter.Create(Path.Combine(TempDirectory, "index"));
    }

    public string TempDirectory { get; }

    /// <summary>Of what was added so far.</summary>
    public BlockStats Stats { get; private set; } = new();

    /// <inheritdoc cref="IndexWriter.AddSymbol"/>
    public void AddSymbol(ReadOnlySpan<byte> symbol) => _index.AddSymbol(symbol);

    /// <summary>
    /// Adds a series, after all symbols and in label order; returns its id. A raw or an aggregate chunk is written as it is.
    /// </summary>
    /// <param name="chunks">In time order, apart from each other; downsampled ones are packed into aggregate chunks.</param>
    /// <exception cref="InvalidOperationException">Something comes out of order; see <see cref="IndexWriter.AddSeries"/>.</exception>
    /// <exception cref="TsdbCorruptionException">A chunk has no readable header.</exception>
    public uint AddSeries(Labels labels, IReadOnlyList<SeriesChunk> chunks)
    {
        Chunk[] packed = [.. chunks.Select(c => c.Downsampled is null ? c.Raw : AggregateChunkCodec.Join(c.Downsampled))];
        ulong[] references = _chunks.Write(packed);
        var metas = new ChunkMeta[chunks.Count];
        for (var i = 0; i < metas.Length; i++) metas[i] = new ChunkMeta(chunks[i].MinTimeMs, chunks[i].MaxTimeMs, references[i]);
        uint id = _index.AddSeries(labels, metas);
        Count(packed, metas);
        return id;
    }

    /// <summary>Writes the tombstones file; their ids are those that <see cref="AddSeries"/> returned.</summary>
    public void WriteTombstones(Tombstones tombstones)
    {
        using FileStream file = File.Create(Path.Combine(TempDirectory, "tombstones"));
        file.Write(tombstones.ToBytes());
        file.Flush(flushToDisk: true);
    }

    /// <summary>Finishes all files, hands them to the disk and gives the directory its final name.</summary>
    public BlockStats Complete()
    {
        _chunks.Complete();
        _index.Complete();
        _index.Dispose();
        Directory.Move(TempDirectory, _directory);
        _completed = true;
        return Stats;
    }

    /// <summary>Closes the files; without <see cref="Complete"/> what was written is discarded.</summary>
    public void Dispose()
    {
        _chunks.Dispose();
        _index.Dispose();
        if (!_completed && Directory.Exists(TempDirectory)) Directory.Delete(TempDirectory, recursive: true);
    }

    private void Count(Chunk[] chunks, ChunkMeta[] metas)
    {
        long floats = 0, histograms = 0, min = Stats.MinTimeMs, max = Stats.MaxTimeMs;
        for (var i = 0; i < chunks.Length; i++)
        {
            int samples = ChunkDecoder.SampleCount(chunks[i]);
            if (chunks[i].Encoding is ChunkEncoding.Xor or ChunkEncoding.Xor2 or ChunkEncoding.Aggregate) floats += samples;
            else histograms += samples;
            min = Math.Min(min, metas[i].MinTimeMs);
            max = Math.Max(max, metas[i].MaxTimeMs);
        }

        Stats = Stats with
        {
            SeriesCount = Stats.SeriesCount + 1,
            ChunkCount = Stats.ChunkCount + chunks.Length,
            FloatSampleCount = Stats.FloatSampleCount + floats,
            HistogramSampleCount = Stats.HistogramSampleCount + histograms,
            MinTimeMs = min,
            MaxTimeMs = max,
        };
    }
}
