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

    /// <summary>Largest distance between neighbouring series in the index: no entry but the last can be longer (0 = one series).</summary>
    public long SeriesMaxSizeBytes { get; init; }

    /// <summary>Largest distance between neighbouring chunks of one series, its last two left out, as Thanos reckons; 0 = none.</summary>
    public long ChunkMaxSizeBytes { get; init; }

    /// <summary>Bytes of index and chunk files.</summary>
    public long SizeBytes { get; init; }
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
    private ulong[] _references = [];
    private ChunkMeta[] _metas = [];
    private uint _lastSeries;
    private bool _completed;

    /// <param name="directory">The block's final directory; it must not exist, its parent must.</param>
    /// <param name="postingsBytes">What postings may take in memory before they are spilled to disk.</param>
    public BlockWriter(
        string directory, long segmentLimitBytes = DefaultSegmentLimitBytes, long postingsBytes = IndexWriter.DefaultPostingsBytes)
    {
        if (Directory.Exists(directory)) throw new IOException($"{directory} exists already");
        _directory = directory;
        TempDirectory = directory + TempSuffix;
        // What a crash left behind is of no use to anyone.
        if (Directory.Exists(TempDirectory)) Directory.Delete(TempDirectory, recursive: true);
        string chunkDirectory = Path.Combine(TempDirectory, "chunks");
        Directory.CreateDirectory(chunkDirectory);
        _chunks = new ChunkSegmentWriter(chunkDirectory, segmentLimitBytes);
        _index = IndexWriter.Create(Path.Combine(TempDirectory, "index"), postingsBytes);
    }

    public string TempDirectory { get; }

    /// <summary>
    /// Is told the path of each chunk file, in <see cref="TempDirectory"/>, when it is whole and on the disk: it will not change any more.
    /// </summary>
    public Action<string>? SegmentFinished
    {
        get => _chunks.Finished;
        set => _chunks.Finished = value;
    }

    /// <summary>Of what was added so far.</summary>
    public BlockStats Stats { get; private set; } = new();

    /// <inheritdoc cref="IndexWriter.AddSymbol"/>
    public void AddSymbol(ReadOnlySpan<byte> symbol) => _index.AddSymbol(symbol);

    /// <summary>
    /// Adds a series, after all symbols and in label order; returns its id. A raw or an aggregate chunk is written as it is.
    /// </summary>
    /// <param name="chunks">In time order, apart from each other; downsampled ones are packed into aggregate chunks.</param>
    /// <exception cref="InvalidOperationException">Something comes out of order; as in <see cref="IndexWriter"/>.</exception>
    /// <exception cref="TsdbCorruptionException">A chunk has no readable header.</exception>
    public uint AddSeries(Labels labels, IReadOnlyList<SeriesChunk> chunks)
    {
        Chunk[] packed = [.. chunks.Select(c => c.Downsampled is null ? c.Raw : AggregateChunkCodec.Join(c.Downsampled))];
        ulong[] references = _chunks.Write(packed);
        var metas = new ChunkMeta[chunks.Count];
        for (var i = 0; i < metas.Length; i++) metas[i] = new ChunkMeta(chunks[i].MinTimeMs, chunks[i].MaxTimeMs, references[i]);
        uint id = _index.AddSeries(labels, metas);
        Measure(id, metas);
        long floats = 0, histograms = 0;
        foreach (Chunk chunk in packed) Count(chunk.Encoding, ChunkDecoder.SampleCount(chunk), ref floats, ref histograms);
        Add(metas, floats, histograms);
        return id;
    }

    /// <summary>Adds a series by the ordinals of its symbols, with chunks that are written as they are; returns its id.</summary>
    /// <exception cref="InvalidOperationException">Something comes out of order; see <see
    /// cref="IndexWriter"/>.</exception>
    public uint AddSeries(ReadOnlySpan<LabelRef> labels, ReadOnlySpan<StoredChunk> chunks)
    {
        if (_references.Length < chunks.Length)
        {
            _references = new ulong[chunks.Length * 2];
            _metas = new ChunkMeta[chunks.Length * 2];
        }

        _chunks.Write(chunks, _references);
        long floats = 0, histograms = 0;
        for (var i = 0; i < chunks.Length; i++)
        {
            _metas[i] = new ChunkMeta(chunks[i].MinTimeMs, chunks[i].MaxTimeMs, _references[i]);
            int dataLength = ChunkRecord.DataLengthOf(chunks[i].Record.Span);
            int start = ChunkRecord.DataOffset(dataLength);
            var encoding = (ChunkEncoding)chunks[i].Record.Span[start - 1];
            int samples = ChunkDecoder.SampleCount(new Chunk(encoding, chunks[i].Record.Slice(start, dataLength)));
            Count(encoding, samples, ref floats, ref histograms);
        }

        uint id = _index.AddSeries(labels, _metas.AsSpan(0, chunks.Length));
        Measure(id, _metas.AsSpan(0, chunks.Length));
        Add(_metas.AsSpan(0, chunks.Length), floats, histograms);
        return id;
    }

    /// <summary>Writes the tombstones file; their ids are those that adding a series returned.</summary>
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
        Stats = Stats with { SizeBytes = _index.Position + _chunks.SizeBytes };
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

    private static void Count(ChunkEncoding encoding, int samples, ref long floats, ref long histograms)
    {
        if (encoding is ChunkEncoding.Xor or ChunkEncoding.Xor2 or ChunkEncoding.Aggregate) floats += samples;
        else histograms += samples;
    }

    private void Add(ReadOnlySpan<ChunkMeta> metas, long floats, long histograms) => Stats = Stats with
    {
        SeriesCount = Stats.SeriesCount + 1,
        ChunkCount = Stats.ChunkCount + metas.Length,
        FloatSampleCount = Stats.FloatSampleCount + floats,
        HistogramSampleCount = Stats.HistogramSampleCount + histograms,
        MinTimeMs = metas.IsEmpty ? Stats.MinTimeMs : Math.Min(Stats.MinTimeMs, metas[0].MinTimeMs),
        MaxTimeMs = metas.IsEmpty ? Stats.MaxTimeMs : Math.Max(Stats.MaxTimeMs, metas[^1].MaxTimeMs),
    };

    /// <summary>Distances that tell readers how much to fetch (block lifecycle L-5.14).</summary>
    private void Measure(uint id, ReadOnlySpan<ChunkMeta> metas)
    {
        long series = Stats.SeriesMaxSizeBytes, chunk = Stats.ChunkMaxSizeBytes;
        if (Stats.SeriesCount > 0) series = Math.Max(series, (id - _lastSeries) * 16L);
        _lastSeries = id;
        for (var i = 0; i < metas.Length - 2; i++)
            if (metas[i].Segment == metas[i + 1].Segment) chunk = Math.Max(chunk, (long)metas[i + 1].Offset - metas[i].Offset);
        if (series != Stats.SeriesMaxSizeBytes || chunk != Stats.ChunkMaxSizeBytes)
            Stats = Stats with { SeriesMaxSizeBytes = series, ChunkMaxSizeBytes = chunk };
    }
}
