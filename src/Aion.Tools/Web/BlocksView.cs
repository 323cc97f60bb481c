using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary>The blocks at one moment.</summary>
/// <param name="RefreshedAt">Null before the first look.</param>
/// <param name="Error">Why the last look failed; the blocks are those of the one before.</param>
internal sealed record BlocksSnapshot(IReadOnlyList<BlockMeta> Blocks, DateTimeOffset? RefreshedAt, string? Error);

/// <summary>The blocks of a bucket, read again and again. Thread-safe.</summary>
internal sealed class BlocksView : IDisposable
{
    private readonly ComponentContext _context;
    private readonly MetaSource _source;
    private readonly MetaFetcher _fetcher;
    private readonly TimeSpan _refresh;
    private readonly TimeSpan _timeout;
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BlocksSnapshot _last = new([], null, null);

    public BlocksView(IBucket bucket, IReadOnlyList<IBlockFilter> filters, TimeSpan refresh, TimeSpan timeout, ComponentContext context)
    {
        Bucket = bucket;
        _context = context;
        _refresh = refresh;
        _timeout = timeout;
        _source = new MetaSource(bucket, new MetaSourceOptions { MetricPrefix = "thanos_bucket_" }, context.Metrics.Factory, context.Logger);
        _fetcher = new MetaFetcher(_source, filters, context.Metrics.Factory, context.Time, context.Logger);
        Marker = new BlockMarker(bucket, context.Time, context.Logger);
    }

    public IBucket Bucket { get; }

    public BlockMarker Marker { get; }

    public BlocksSnapshot Last => Volatile.Read(ref _last);

    /// <summary>Makes the next look come at once.</summary>
    public void Ask() => Volatile.Read(ref _asked).TrySetResult();

    /// <summary>Looks until cancelled. Once only.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await RefreshAsync(cancellationToken);
            Task asked = Volatile.Read(ref _asked).Task;
            await Task.WhenAny(asked, Task.Delay(_refresh, _context.Time, cancellationToken));
            if (asked.IsCompleted) Volatile.Write(ref _asked, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    public void Dispose() => _source.Dispose();

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(_timeout, _context.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            MetaFetchResult found = await _fetcher.FetchAsync(either.Token);
            BlockMeta[] blocks = [.. found.Metas.Values.OrderBy(m => m.MinTimeMs).ThenBy(m => m.Id)];
            Volatile.Write(ref _last, new BlocksSnapshot(blocks, _context.Time.GetUtcNow(), found.IsComplete ? null : found.Incompleteness));
        }
        catch (Exception e) when (e is BucketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            string reason = e is BucketException ? e.Message : $"reading the blocks took longer than --timeout={GoDuration.Format(_timeout)}";
            Volatile.Write(ref _last, Last with { Error = reason });
            _context.Logger.Error("refreshing the blocks failed", [("err", reason)]);
        }
    }
}
