using System.Runtime.InteropServices;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>
/// Carries the series of some blocks through a transformation into a new block: batches are read and worked on by several threads while the
/// one before is written. The order of the output does not depend on the threads.
/// </summary>
internal sealed class SeriesPipeline : IDisposable
{
    /// <summary>Larger batches gain nothing.</summary>
    private const long MaxBatchBytes = 2L << 20;

    private readonly IReadOnlyList<SourceBlock> _sources;
    private readonly MergeOptions _options;
    private readonly string _outputFolder;
    private readonly BlockWriter _writer;
    private readonly IRepairSink _repairs;
    private readonly MemoryBudget _budget;
    private readonly Func<MemoryBudget, Action<SeriesBatch>> _newWorker;
    private readonly Queue<(Worker Worker, Task Work)> _inFlight = [];
    private readonly Stack<Worker> _free = [];
    private readonly MergeCounts _counts = new();
    private readonly LabelsBuilder _labels = new();
    private StoredChunk[] _chunks = [];
    private long _repairCount;

    private SeriesPipeline(
        IReadOnlyList<SourceBlock> sources, MergeOptions options, string outputFolder, IRepairSink repairs, MemoryBudget budget,
        Func<MemoryBudget, Action<SeriesBatch>> newWorker)
    {
        _sources = sources;
        _options = options;
        _outputFolder = outputFolder;
        _repairs = repairs;
        _budget = budget;
        _newWorker = newWorker;
        long postingsBytes = PostingsBytes(options);
        budget.Charge(postingsBytes, "postings");
        _writer = new BlockWriter(outputFolder, options.SegmentLimitBytes, postingsBytes) { SegmentFinished = options.SegmentFinished };
    }

    /// <param name="newWorker">Makes what turns a filled batch into results; each worker serves one batch at a time.</param>
    /// <inheritdoc cref="BlockMerge.RunAsync"/>
    public static async Task<MergeResult> RunAsync(
        IReadOnlyList<SourceBlock> sources, MergeOptions options, string outputFolder, IRepairSink repairs,
        Func<MemoryBudget, Action<SeriesBatch>> newWorker, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count);
        var unsorted = new HashSet<int>();
        var distinct = new DistinctRepairs(repairs);
        while (true)
        {
            try
            {
                using var budget = new MemoryBudget(options.MemoryBudgetBytes, "--compact.memory-budget", holder: "this job");
                using var pipeline = new SeriesPipeline(sources, options, outputFolder, distinct, budget, newWorker);
                return await Task.Run(() => pipeline.RunAsync(unsorted, cancellationToken), cancellationToken);
            }
            catch (UnsortedSourceException e) when (unsorted.Add(e.Position))
            {
                // From here on that block's series are sorted first.
                distinct.Report(Describe(
                    sources[e.Position], e.Series, default, RepairKind.OutOfOrderSeries, "the series of the block are out of order", default, new()));
            }
        }
    }

    public void Dispose() => _writer.Dispose();

    private static long PostingsBytes(MergeOptions options) => options.MemoryBudgetBytes <= 0
        ? IndexWriter.DefaultPostingsBytes
        : Math.Min(IndexWriter.DefaultPostingsBytes, options.MemoryBudgetBytes / 4);

    private async Task<MergeResult> RunAsync(HashSet<int> unsorted, CancellationToken cancellationToken)
    {
        using var inputs = new OpenInputs();
        inputs.Symbols = MergeSymbols();
        inputs.Cursors = new SeriesCursor[_sources.Count];
        for (var i = 0; i < inputs.Cursors.Length; i++)
        {
            SortedSeries? sorted = unsorted.Contains(i) ? Sort(i, inputs.Symbols[i]) : null;
            inputs.Cursors[i] = new SeriesCursor(i, _sources[i], inputs.Symbols[i], _options, sorted);
        }

        SeriesCursor[] cursors = inputs.Cursors!;
        int workers = Math.Max(1, _options.Concurrency) + 1;
        var feed = new SeriesFeed(cursors, cursors.Length, BatchBytes(workers + 1));
        try
        {
            while (TryStart(feed, workers, cancellationToken))
                if (_inFlight.Count == workers) await WriteNextAsync();
            while (_inFlight.Count > 0) await WriteNextAsync();
        }
        finally
        {
            // A worker must not go on with files that are closed. Its own failure matters no more than the first one.
            await Task.WhenAll(_inFlight.Select(f => f.Work)).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return Result(_writer.Stats.SeriesCount == 0 ? _writer.Stats : _writer.Complete());
    }

    /// <summary>Maps that take more than their share of the budget are kept on the disk.</summary>
    private SymbolMap[] MergeSymbols()
    {
        long bytes = _sources.Sum(s => SymbolMap.SizeOf(s.Index));
        bool inMemory = _options.MemoryBudgetBytes <= 0 || bytes <= _options.MemoryBudgetBytes / 6;
        if (inMemory) _budget.Charge(bytes, "symbols");
        return SymbolMap.Merge(_sources, _writer, inMemory, _outputFolder);
    }

    private SortedSeries Sort(int source, SymbolMap symbols)
    {
        using var cursor = new SeriesCursor(source, _sources[source], symbols, _options, sorted: null, anyOrder: true);
        return SeriesSorter.Sort(cursor, $"{_outputFolder}.series-{source}", _budget);
    }

    private long BatchBytes(int batches) => _options.MemoryBudgetBytes <= 0
        ? MaxBatchBytes
        : Math.Clamp(_options.MemoryBudgetBytes / 6 / batches, 16 * 1024, MaxBatchBytes);

    private bool TryStart(SeriesFeed feed, int workers, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return false;
        Worker worker = _free.Count > 0 ? _free.Pop() : new Worker(new SeriesBatch(_sources.Count, _budget), _newWorker(_budget));
        worker.Batch.Clear();
        if (!feed.Fill(worker.Batch)) return false;
        _inFlight.Enqueue((worker, Task.Run(() => worker.Process(worker.Batch), CancellationToken.None)));
        return true;
    }

    private async Task WriteNextAsync()
    {
        var (worker, work) = _inFlight.Peek();
        await work;
        _inFlight.Dequeue();
        Write(worker.Batch);
        _counts.Add(worker.Batch.Counts);
        _free.Push(worker);
    }

    private void Write(SeriesBatch batch)
    {
        ReadOnlySpan<LabelRef> labels = CollectionsMarshal.AsSpan(batch.Labels);
        ReadOnlySpan<OutputChunk> results = CollectionsMarshal.AsSpan(batch.Results);
        foreach (ref readonly SeriesSlot series in CollectionsMarshal.AsSpan(batch.Series))
        {
            if (series.ResultCount == 0) continue;
            if (_chunks.Length < series.ResultCount) _chunks = new StoredChunk[series.ResultCount * 2];
            for (var i = 0; i < series.ResultCount; i++)
            {
                OutputChunk chunk = results[series.ResultsFrom + i];
                _chunks[i] = new StoredChunk(chunk.MinTimeMs, chunk.MaxTimeMs, batch.BytesOf(chunk));
            }

            _writer.AddSeries(labels.Slice(series.LabelsFrom, series.LabelCount), _chunks.AsSpan(0, series.ResultCount));
        }

        foreach (PendingRepair repair in batch.Repairs)
        {
            ReadOnlyMemory<byte> bytes = repair.Length == 0 ? default : batch.Input.Slice(repair.Offset, repair.Length);
            _repairs.Report(Describe(_sources[repair.Source], repair.Series, repair.Chunk, repair.Kind, repair.Reason, bytes, _labels));
            _repairCount++;
        }
    }

    private static ChunkRepair Describe(
        SourceBlock source, uint series, ChunkMeta chunk, RepairKind kind, string reason, ReadOnlyMemory<byte> bytes, LabelsBuilder labels)
    {
        var entry = new SeriesEntry();
        source.Index.ReadSeries(series, entry, 0, 0, withChunks: false);
        labels.Clear();
        // The labels of a malformed entry may be in any order.
        foreach (LabelRef label in entry.Labels)
            labels.Set(source.Index.Symbols.Lookup(label.Name).ToArray(), source.Index.Symbols.Lookup(label.Value));
        return new ChunkRepair(source.Meta.Id, labels.ToLabels(), chunk, kind, reason, bytes);
    }

    private MergeResult Result(BlockStats written)
    {
        bool aggregates = _sources[0].Meta.Thanos.ResolutionMs > 0;
        return new MergeResult
        {
            Stats = new Blocks.BlockStats
            {
                Samples = (ulong)written.SampleCount,
                FloatSamples = aggregates ? 0 : (ulong)written.FloatSampleCount,
                HistogramSamples = aggregates ? 0 : (ulong)written.HistogramSampleCount,
                Series = (ulong)written.SeriesCount,
                Chunks = (ulong)written.ChunkCount,
            },
            IndexStats = new Blocks.IndexStats(written.SeriesMaxSizeBytes, written.ChunkMaxSizeBytes),
            FirstSampleMs = written.MinTimeMs,
            LastSampleMs = written.MaxTimeMs,
            SourceSamples = _counts.SourceSamples,
            CopiedChunks = _counts.Copied,
            EncodedChunks = _counts.Encoded,
            DroppedDuplicates = _counts.Duplicates,
            Repairs = _repairCount,
            BytesRead = _counts.BytesRead,
            BytesWritten = written.SizeBytes,
        };
    }

    private sealed class OpenInputs : IDisposable
    {
        public SymbolMap[] Symbols { get; set; } = [];

        public SeriesCursor?[] Cursors { get; set; } = [];

        public void Dispose()
        {
            foreach (SeriesCursor? cursor in Cursors) cursor?.Dispose();
            foreach (SymbolMap map in Symbols) map.Dispose();
        }
    }

    private sealed record Worker(SeriesBatch Batch, Action<SeriesBatch> Process);
}
