using Aion.Blocks;

namespace Aion.StoreGateway;

/// <summary>
/// The index-header of one block: opened when a query first needs it, shared by all queries, let go when it is idle or its block goes.
/// Who reads it holds a lease. Thread-safe; lives as long as its block.
/// </summary>
internal sealed class BlockHeader(BlockMeta meta, HeaderStore store, TimeProvider time)
{
    private readonly Lock _lock = new();

    // All guarded by the lock.
    private Task? _opening;
    private IndexHeaderReader? _reader;
    private int _leases;
    private long _lastUsed;
    private bool _closed;

    public bool IsOpen => Volatile.Read(ref _reader) is not null;

    /// <summary>What a block is loaded with: with eager downloads the header is on the disk afterwards.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (store.Options.DownloadsLazily) return;
        if (await store.EnsureAsync(meta, cancellationToken) is { } reader) Keep(reader);
    }

    /// <exception cref="Aion.Tsdb.TsdbCorruptionException">The block's index is damaged.</exception>
    /// <exception cref="Aion.ObjectStorage.BucketException">The index could not be read.</exception>
    public async ValueTask<HeaderLease> OpenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task opening;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_closed, this);
                if (_reader is { } reader)
                {
                    _leases++;
                    return new HeaderLease(this, reader);
                }

                opening = _opening ??= Task.Run(LoadAsync, CancellationToken.None);
            }

            // Several queries share the load, so it must not end with one query's patience.
            await opening.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Lets go of a header that has not been read since a time stamp of the clock. True when it did.</summary>
    public bool TryUnload(long idleSince)
    {
        IndexHeaderReader reader;
        lock (_lock)
        {
            if (_reader is null || _leases > 0 || _lastUsed > idleSince) return false;
            reader = _reader;
            _reader = null;
        }

        reader.Dispose();
        store.Metrics.LazyUnloads.Inc();
        return true;
    }

    /// <summary>The block goes; no query holds a lease any more.</summary>
    public void Close()
    {
        IndexHeaderReader? reader;
        lock (_lock)
        {
            _closed = true;
            reader = _reader;
            _reader = null;
        }

        reader?.Dispose();
    }

    internal void Return()
    {
        lock (_lock)
        {
            _leases--;
            _lastUsed = time.GetTimestamp();
        }
    }

    private async Task LoadAsync()
    {
        long started = time.GetTimestamp();
        bool lazy = store.Options.LetsGo;
        if (lazy) store.Metrics.LazyLoads.Inc();
        try
        {
            Keep(await store.OpenAsync(meta, CancellationToken.None));
            if (lazy) store.Metrics.LazyLoadDuration.Observe(time.GetElapsedTime(started).TotalSeconds);
        }
        catch
        {
            if (lazy) store.Metrics.LazyLoadFailures.Inc();
            throw;
        }
        finally
        {
            lock (_lock) _opening = null;
        }
    }

    private void Keep(IndexHeaderReader reader)
    {
        lock (_lock)
        {
            if (!_closed)
            {
                _reader = reader;
                _lastUsed = time.GetTimestamp();
                return;
            }
        }

        reader.Dispose();
    }
}

/// <summary>Keeps a header open while it is read.</summary>
internal readonly struct HeaderLease(BlockHeader owner, IndexHeaderReader reader) : IDisposable
{
    public IndexHeaderReader Reader => reader;

    public void Dispose() => owner.Return();
}
