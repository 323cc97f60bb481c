using Aion.Blocks;
using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Compactor;

/// <summary>A list of blocks at one moment.</summary>
/// <param name="RefreshedAt">Null before the first look.</param>
/// <param name="Error">Why the last look failed; the blocks are those of the one before.</param>
internal sealed record BlockList(IReadOnlyList<BlockMeta> Blocks, DateTimeOffset? RefreshedAt, string? Error);

/// <summary>The lists of the block viewer: all blocks of the bucket, and those that this compactor works with. Thread-safe.</summary>
internal sealed class BlockViewer : IDisposable
{
    private readonly ComponentContext _context;
    private readonly CompactorService _service;
    private readonly TimeSpan _timeout;
    private readonly MetaSource _source;
    private readonly MetaFetcher _fetcher;
    private BlockList _global = new([], null, null);

    public BlockViewer(IBucket bucket, CompactorOptions options, ComponentContext context, CompactorService service, TimeSpan timeout)
    {
        _context = context;
        _service = service;
        _timeout = timeout;
        Bucket = bucket;
        // The prefix without an underscore behind it is upstream's.
        var sourceOptions = new MetaSourceOptions { Concurrency = options.MetaConcurrency, Discovery = options.Discovery, MetricPrefix = "thanos_bucket_ui" };
        _source = new MetaSource(bucket, sourceOptions, context.Metrics.Factory, context.Logger);
        _fetcher = new MetaFetcher(_source, [], context.Metrics.Factory, context.Time, context.Logger);
    }

    public IBucket Bucket { get; }

    public TimeProvider Time => _context.Time;

    public BlockList Global => Volatile.Read(ref _global);

    public BlockList Loaded => new([.. _service.View.Last.Metas.Values], _service.View.LastSynced, null);

    /// <summary>Refreshes the list of all blocks until cancelled.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await RefreshAsync(cancellationToken);
            await Task.Delay(interval, _context.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _source.Dispose();

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_timeout, _context.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            MetaFetchResult found = await _fetcher.FetchAsync(either.Token);
            Volatile.Write(ref _global, new BlockList([.. found.Metas.Values], _context.Time.GetUtcNow(), found.IsComplete ? null : found.Incompleteness));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception e) when (e is BucketException or OperationCanceledException)
        {
            string reason = e is BucketException ? e.Message : $"it took longer than {_timeout} (--block-viewer.global.sync-block-timeout)";
            Volatile.Write(ref _global, Global with { Error = reason });
            _context.Logger.Error("refreshing the list of blocks failed", [("err", reason)]);
        }
    }
}
