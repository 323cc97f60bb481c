using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Compactor;

/// <summary>The blocks at one moment.</summary>
/// <param name="Blocks">In any order.</param>
/// <param name="RefreshedAt">Null before the first look.</param>
/// <param name="Error">Why the last look failed; the blocks are those of the one before.</param>
public sealed record BlocksSnapshot(IReadOnlyCollection<BlockMeta> Blocks, DateTimeOffset? RefreshedAt, string? Error)
{
    public static BlocksSnapshot Empty { get; } = new([], null, null);
}

/// <summary>How a <see cref="BlocksView"/> looks.</summary>
public sealed record BlocksViewOptions
{
    public MetaSourceOptions Source { get; init; } = new();

    public IReadOnlyList<IBlockFilter> Filters { get; init; } = [];

    /// <summary>Time between two looks.</summary>
    public required TimeSpan Refresh { get; init; }

    /// <summary>Longest time for one look.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The flag that sets the timeout, named in the error.</summary>
    public required string TimeoutFlag { get; init; }
}

/// <summary>The blocks of a bucket, read again and again, for the block viewer. Thread-safe.</summary>
public sealed class BlocksView : IDisposable
{
    private readonly ComponentContext _context;
    private readonly BlocksViewOptions _options;
    private readonly MetaSource _source;
    private readonly MetaFetcher _fetcher;
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BlocksSnapshot _last = BlocksSnapshot.Empty;

    public BlocksView(IBucket bucket, BlocksViewOptions options, ComponentContext context)
    {
        _context = context;
        _options = options;
        _source = new MetaSource(bucket, options.Source, context.Metrics.Factory, context.Logger);
        _fetcher = new MetaFetcher(_source, options.Filters, context.Metrics.Factory, context.Time, context.Logger);
        Marker = new BlockMarker(bucket, context.Time, context.Logger);
    }

    public BlockMarker Marker { get; }

    public BlocksSnapshot Last => Volatile.Read(ref _last);

    /// <summary>The API of the block viewer over this view. A mark makes the view look again.</summary>
    /// <param name="label">External label that titles groups of blocks; "" for none.</param>
    /// <param name="refusesMarks">True with <c>--disable-admin-operations</c>.</param>
    /// <param name="loaded">The blocks that this process itself works with.</param>
    public BlocksApi Api(string label, bool refusesMarks, Func<BlocksSnapshot> loaded) => new()
    {
        Label = label,
        RefusesMarks = refusesMarks,
        List = isLoaded => Listing(isLoaded ? loaded() : Last),
        MarkForDeletion = (id, details, token) => ThenLookAsync(Marker.MarkForDeletionAsync(id, details, token)),
        MarkNoCompact = (id, details, token) => ThenLookAsync(Marker.MarkNoCompactAsync(id, NoCompactReason.Manual, details, token)),
    };

    /// <summary>Looks until cancelled. Once only.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await RefreshAsync(cancellationToken);
            Task asked = Volatile.Read(ref _asked).Task;
            await Task.WhenAny(asked, Task.Delay(_options.Refresh, _context.Time, cancellationToken));
            if (asked.IsCompleted) Volatile.Write(ref _asked, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    public void Dispose() => _source.Dispose();

    private static BlockListing Listing(BlocksSnapshot list) => new(
        list.Blocks.OrderBy(m => m.MinTimeMs).ThenBy(m => m.Id).Select(m => (ReadOnlyMemory<byte>)BlockMetaWriter.ToUtf8(m)), list.RefreshedAt, list.Error);

    private async Task ThenLookAsync(Task marking)
    {
        await marking;
        Volatile.Read(ref _asked).TrySetResult();
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.Timeout, _context.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            MetaFetchResult found = await _fetcher.FetchAsync(either.Token);
            Volatile.Write(ref _last, new BlocksSnapshot([.. found.Metas.Values], _context.Time.GetUtcNow(), found.IsComplete ? null : found.Incompleteness));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception e) when (e is BucketException or OperationCanceledException)
        {
            string reason = e is BucketException ? e.Message : $"reading the blocks took longer than {_options.TimeoutFlag}={GoDuration.Format(_options.Timeout)}";
            Volatile.Write(ref _last, Last with { Error = reason });
            _context.Logger.Error("refreshing the list of blocks failed", [("err", reason)]);
        }
    }
}
