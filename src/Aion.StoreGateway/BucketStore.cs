using System.Runtime.CompilerServices;
using System.Text;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>The blocks of a bucket as an <see cref="IStore"/>. Thread-safe.</summary>
internal sealed class BucketStore : IStore
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly BucketStoreOptions _options;
    private readonly StoreGatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ConcurrencyGate _gate;
    private readonly ChunkPool _pool;
    private BlockCatalog _catalog = BlockCatalog.Empty;

    public BucketStore(BucketStoreOptions options, StoreGatewayMetrics metrics, MetricsRegistry registry)
    {
        _options = options;
        _metrics = metrics;
        _time = registry.Time;
        _pool = new ChunkPool(options.MaxHeldBytes, options.MaxPoolWait, new ChunkPoolMetrics(registry, options.MaxHeldBytes), registry.Time);
        _gate = new ConcurrencyGate(
            options.MaxConcurrency, new GateMetrics(registry, "thanos_bucket_store_series_", "queries", options.MaxConcurrency));
    }

    public string Name => _options.Name;

    public StoreInfo Info => Catalog.InfoAt(_time.GetUtcNow(), _options);

    /// <summary>The loaded blocks; replaced as a whole at each sync.</summary>
    public BlockCatalog Catalog => Volatile.Read(ref _catalog);

    public void Publish(BlockCatalog catalog) => Volatile.Write(ref _catalog, catalog);

    public async IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (request.Matchers.Count == 0) yield break;
        using ConcurrencyGate.Pass _ = await _gate.EnterAsync(cancellationToken);
        // Who asks from outside has no budget here; all of those share the pool.
        using IRequestMemory memory = request.Budget is { } budget ? new QueryMemory(budget) : await _pool.EnterAsync(cancellationToken);
        var counters = new ReadCounters(_metrics, _time, request.Tenant);
        DateTimeOffset now = _time.GetUtcNow();
        ReadContext context = ContextOf(request, memory, counters, now);
        long started = _time.GetTimestamp(), sent = 0;
        try
        {
            using BlockLeases leases = Catalog.Select(request.Matchers, request.BlockMatchers, context.MinTimeMs, context.MaxTimeMs, request.MaxResolutionMs);
            _metrics.BlocksQueried.WithLabels(request.Tenant).Observe(leases.Blocks.Count);
            SelectedSeries found = await FindAsync(leases, context, request, cancellationToken);
            _metrics.GetAllDuration.WithLabels(request.Tenant).Observe(_time.GetElapsedTime(started).TotalSeconds);

            started = _time.GetTimestamp();
            if (found.Warnings.Count > 0) yield return new SeriesFrame([], found.Warnings);
            Prometheus.Histogram.Child sizes = _metrics.SentChunkSize.WithLabels(request.Tenant);
            await foreach (SeriesFrame frame in MergedAsync(found, request.PartialResponse, cancellationToken))
            {
                SeriesFrame cut = frame;
                if (request.Limit > 0 && sent + frame.Series.Count > request.Limit)
                    cut = frame with { Series = [.. frame.Series.Take((int)(request.Limit - sent))] };
                sent += cut.Series.Count;
                for (var i = 0; i < cut.Series.Count && !request.SkipChunks; i++) sizes.Observe(ChunkBytes(cut.Series[i]));
                if (cut.Series.Count > 0 || cut.Warnings.Count > 0) yield return cut;
                if (request.Limit > 0 && sent >= request.Limit) break;
            }

            _metrics.MergeDuration.WithLabels(request.Tenant).Observe(_time.GetElapsedTime(started).TotalSeconds);
            _metrics.ResultSeries.WithLabels(request.Tenant).Observe(sent);
        }
        finally
        {
            // Also of a call that fails or is left: what it read, it read.
            counters.Report();
        }
    }

    public async Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken)
    {
        ReadContext context = ContextOf(request.MinTimeMs, request.MaxTimeMs, request.Tenant, request.WithoutReplicaLabels);
        using BlockLeases leases = Catalog.SelectAll(request.Matchers, request.BlockMatchers, context.MinTimeMs, context.MaxTimeMs);
        return await CollectAsync(leases.Blocks, request.PartialResponse, request.Limit, async (selected, token) =>
        {
            BucketBlock block = selected.Block;
            using HeaderLease header = await block.Header.OpenAsync(token);
            HashSet<string> names = await new BlockIndexReader(block, header.Reader, context).NamesAsync(selected.Matchers, token);
            if (names.Count == 0) return names;
            foreach ((string name, string _) in block.ExternalLabels.Pairs()) names.Add(name);
            names.ExceptWith(request.WithoutReplicaLabels);
            return names;
        }, cancellationToken);
    }

    public async Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken)
    {
        if (request.WithoutReplicaLabels.Contains(request.Label)) return LabelsAnswer.Empty;
        ReadContext context = ContextOf(request.MinTimeMs, request.MaxTimeMs, request.Tenant, []);
        using BlockLeases leases = Catalog.SelectAll(request.Matchers, request.BlockMatchers, context.MinTimeMs, context.MaxTimeMs);
        return await CollectAsync(leases.Blocks, request.PartialResponse, request.Limit, async (selected, token) =>
        {
            BucketBlock block = selected.Block;
            string? external = block.ExternalLabels.GetValueOrNull(request.Label);
            if (external is not null && selected.Matchers.Count == 0) return [external];
            using HeaderLease header = await block.Header.OpenAsync(token);
            var reader = new BlockIndexReader(block, header.Reader, context);
            if (external is not null) return await reader.AnyAsync(selected.Matchers, token) ? [external] : [];
            return await reader.ValuesAsync(request.Label, selected.Matchers, token);
        }, cancellationToken);
    }

    /// <summary>The series of all blocks, and memory for reading their chunks: from here on nothing has to be waited for but the bucket.</summary>
    private async Task<SelectedSeries> FindAsync(BlockLeases leases, ReadContext context, SelectRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                Answer<List<BlockSeries>>[] answers = await EachBlockAsync(
                    leases.Blocks, request.PartialResponse,
                    (selected, token) => SeriesOfAsync(selected, context, request, token), cancellationToken, "fetch postings for block {0}: ");
                return Settle(leases, answers, context);
            }
            catch (PoolFullException full)
            {
                await context.Memory!.BeginAnewAsync(full, cancellationToken);
                // What was counted against limits is read again; what was read stays read.
                context = context with { Limits = new RequestLimits(_options.Limits, _metrics, request.Tenant), SeriesHint = null };
            }
        }
    }

    private SelectedSeries Settle(BlockLeases leases, Answer<List<BlockSeries>>[] answers, ReadContext context)
    {
        var blocks = new List<BucketBlock>();
        var series = new List<List<BlockSeries>>();
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].Value is not { Count: > 0 } some) continue;
            blocks.Add(leases.Blocks[i].Block);
            series.Add(some);
        }

        // All of a store's blocks lie in one bucket.
        bool isLocal = blocks.TrueForAll(static b => b.IsLocal);
        StreamPlan plan = default;
        if (!context.SkipChunks)
        {
            plan = isLocal ? StreamPlan.OfLocal(series, _options.MaxHeldBytes) : StreamPlan.OfRemote(series, _options.MaxHeldBytes);
            context.Memory?.Settle(plan.NeededBytes, "chunks");
        }

        return new SelectedSeries(context, blocks, series, plan, isLocal, [.. answers.Where(a => a.Warning is not null).Select(a => a.Warning!)]);
    }

    /// <summary>The series of all blocks as one stream: straight from files of this machine, else a stream a block, merged.</summary>
    private static IAsyncEnumerable<SeriesFrame> MergedAsync(SelectedSeries found, PartialResponse partial, CancellationToken cancellationToken)
    {
        ReadContext context = found.Context;
        if (!context.SkipChunks && found.IsLocal)
        {
            return new LocalMerge(
                [.. found.Blocks.Select((block, i) => new LocalInput(i, block, found.Series[i], context, found.Plan.PieceBytes))], context,
                (block, damage) => partial == PartialResponse.Abort ? throw Aborted(block, damage) : Describe(block, damage)).ReadAsync(cancellationToken);
        }

        return SeriesMerge.MergeAsync(
            [.. found.Blocks.Select((block, i) => Guarded(
                block, partial, BlockStream.ReadAsync(block, context, found.Series[i], found.Plan.PieceBytes, cancellationToken), cancellationToken))],
            cancellationToken);
    }

    private async Task<List<BlockSeries>> SeriesOfAsync(
        SelectedBlock selected, ReadContext context, SelectRequest request, CancellationToken cancellationToken)
    {
        // As upstream: external labels alone select nothing; a block is never read whole by mistake.
        if (selected.Matchers.Count == 0) return [];
        using HeaderLease header = await selected.Block.Header.OpenAsync(cancellationToken);
        List<BlockSeries> series = await new BlockIndexReader(selected.Block, header.Reader, context).SeriesAsync(selected.Matchers, cancellationToken);
        if (series.Count == 0) _metrics.EmptyPostings.WithLabels(request.Tenant).Inc();
        // A new list: other blocks may be looking at this one, see ReadContext.SeriesHint.
        return request.Limit > 0 && series.Count > request.Limit ? series[..(int)request.Limit] : series;
    }

    private static async Task<LabelsAnswer> CollectAsync(
        IReadOnlyList<SelectedBlock> blocks, PartialResponse partial, long limit,
        Func<SelectedBlock, CancellationToken, Task<HashSet<string>>> read, CancellationToken cancellationToken)
    {
        Answer<HashSet<string>>[] answers = await EachBlockAsync(blocks, partial, read, cancellationToken);
        var all = new HashSet<string>();
        foreach (Answer<HashSet<string>> answer in answers)
            if (answer.Value is { } values) all.UnionWith(values);
        string[] sorted = [.. all];
        Array.Sort(sorted, Utf8Text.CompareByBytes);
        if (limit > 0 && sorted.Length > limit) sorted = sorted[..(int)limit];
        return new LabelsAnswer(sorted, [.. answers.Where(a => a.Warning is not null).Select(a => a.Warning!)])
        {
            QueriedBlocks = [.. blocks.Select(b => b.Block.Meta.Id.ToString())],
        };
    }

    /// <summary>Asks all blocks at once. What is wrong with one block's data is a warning or the call's error, as the caller wishes.</summary>
    private static async Task<Answer<T>[]> EachBlockAsync<T>(
        IReadOnlyList<SelectedBlock> blocks, PartialResponse partial, Func<SelectedBlock, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken, string limitErrorPrefix = "")
        where T : class
    {
        var answers = new Answer<T>[blocks.Count];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, blocks.Count).Select(async i =>
        {
            try
            {
                answers[i] = new Answer<T>(await Task.Run(() => read(blocks[i], stop.Token), stop.Token), null);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.ResourceExhausted)
            {
                await stop.CancelAsync();
                string prefix = limitErrorPrefix.Replace("{0}", blocks[i].Block.Meta.Id.ToString(), StringComparison.Ordinal);
                throw new StoreException(e.Kind, $"{prefix}rpc error: code = ResourceExhausted desc = {e.Message}", e);
            }
            catch (Exception e) when (e is BudgetExceededException or PoolFullException)
            {
                await stop.CancelAsync();
                throw;
            }
            catch (Exception e) when (IsDamage(e))
            {
                if (partial == PartialResponse.Abort) throw Aborted(blocks[i].Block, e);
                answers[i] = new Answer<T>(null, Describe(blocks[i].Block, e));
            }
        }));
        return answers;
    }

    private static async IAsyncEnumerable<SeriesFrame> Guarded(
        BucketBlock block, PartialResponse partial, IAsyncEnumerable<SeriesFrame> stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<SeriesFrame> frames = stream.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            string? warning = null;
            try
            {
                if (!await frames.MoveNextAsync()) yield break;
            }
            catch (Exception e) when (IsDamage(e))
            {
                if (partial == PartialResponse.Abort) throw Aborted(block, e);
                warning = Describe(block, e);
            }

            if (warning is not null)
            {
                yield return SeriesFrame.Warning(warning);
                yield break;
            }

            yield return frames.Current;
        }
    }

    private static long ChunkBytes(ChunkSeries series)
    {
        long bytes = 0;
        for (var i = 0; i < series.Chunks.Count; i++) bytes += SeriesSizes.DataOf(series.Chunks[i]);
        return bytes;
    }

    private static bool IsDamage(Exception e) => e is TsdbCorruptionException or BucketException;

    private static StoreException Aborted(BucketBlock block, Exception e) => new(StoreErrorKind.Aborted, Describe(block, e), e);

    private static string Describe(BucketBlock block, Exception e) => $"block {block.Meta.Id}: {e.Message}";

    private ReadContext ContextOf(SelectRequest request, IRequestMemory memory, ReadCounters counters, DateTimeOffset now) => new()
    {
        MinTimeMs = Math.Max(request.MinTimeMs, _options.MinTimeMs(now)),
        MaxTimeMs = Math.Min(request.MaxTimeMs, _options.MaxTimeMs(now)),
        Limits = new RequestLimits(_options.Limits, _metrics, request.Tenant),
        Counters = counters,
        Memory = memory,
        Cache = _options.IndexCache,
        LazyPostings = _options.LazyPostings,
        SeriesBatch = _options.SeriesBatch,
        Tenant = request.Tenant,
        SkipChunks = request.SkipChunks,
        Aggregates = request.Aggregates,
        Shard = request.Shard is { TotalShards: > 0 } shard ? new ShardMatcher(shard) : null,
        WithoutLabels = [.. request.WithoutReplicaLabels.Select(Utf8.GetBytes)],
    };

    private ReadContext ContextOf(long minTimeMs, long maxTimeMs, string tenant, IReadOnlyList<string> without) => new()
    {
        MinTimeMs = minTimeMs,
        MaxTimeMs = maxTimeMs,
        Limits = new RequestLimits(_options.Limits, _metrics, tenant),
        Counters = new ReadCounters(_metrics, _time, tenant),
        Cache = _options.IndexCache,
        LazyPostings = _options.LazyPostings,
        SeriesBatch = _options.SeriesBatch,
        Tenant = tenant,
        WithoutLabels = [.. without.Select(Utf8.GetBytes)],
    };

    private readonly record struct Answer<T>(T? Value, string? Warning)
        where T : class;

    /// <summary>What a request is to stream.</summary>
    /// <param name="Series">Of each of the blocks.</param>
    private sealed record SelectedSeries(
        ReadContext Context, List<BucketBlock> Blocks, List<List<BlockSeries>> Series, StreamPlan Plan, bool IsLocal, IReadOnlyList<string> Warnings);
}
