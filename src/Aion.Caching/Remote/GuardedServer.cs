using Aion.Hosting;

namespace Aion.Caching;

/// <summary>
/// A server behind its health: an operation takes its one timeout at most, a server that fails is left alone for a while, and both moments
/// are logged, once each.
/// </summary>
internal sealed class GuardedServer(ICacheServer server, RemoteCacheOptions options, RemoteCacheMetrics metrics, CacheContext context)
{
    private readonly ServerHealth _health = new(context.Time, context.Random);
    private int _saidRefused;

    public string Address => server.Address;

    /// <summary>Whether to ask it now. A server that is out is looked at in the background when its time has come.</summary>
    public bool IsUsable
    {
        get
        {
            if (_health.IsUsed) return true;
            if (_health.TryStartLook()) _ = LookAsync();
            return false;
        }
    }

    /// <returns>Per key its value or null; all null when the server failed or is out.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<byte[]?[]> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        if (!IsUsable)
        {
            metrics.Bypassed(RemoteCacheMetrics.Get);
            return new byte[]?[keys.Count];
        }

        long started = context.Time.GetTimestamp();
        metrics.Started(RemoteCacheMetrics.Get);
        try
        {
            byte[]?[] values = await WithinAsync(options.GetTimeout, token => server.GetAsync(keys, token), cancellationToken);
            metrics.Succeeded(RemoteCacheMetrics.Get, context.Time.GetElapsedTime(started), values.Sum(v => (long)(v?.Length ?? 0)));
            return values;
        }
        catch (CacheException e)
        {
            metrics.Failed(RemoteCacheMetrics.Get, e.Fault);
            TakeOut(e);
            return new byte[]?[keys.Count];
        }
    }

    /// <returns>False when nothing was stored.</returns>
    public async Task<bool> SetAsync(IReadOnlyList<PendingSet> values, CancellationToken cancellationToken)
    {
        long started = context.Time.GetTimestamp();
        metrics.Started(RemoteCacheMetrics.Set, values.Count);
        try
        {
            int stored = await WithinAsync(options.SetTimeout, token => server.SetAsync(values, token), cancellationToken);
            metrics.Succeeded(RemoteCacheMetrics.Set, context.Time.GetElapsedTime(started), values.Sum(v => (long)v.Value.Length));
            if (stored < values.Count) Refused(values.Count - stored, "the server does not take it");
            return stored > 0;
        }
        catch (CacheException e) when (e.Fault == CacheFault.ServerError)
        {
            // A full or a read-only server is still one that answers.
            Refused(values.Count, e.Message);
            return false;
        }
        catch (CacheException e)
        {
            metrics.Failed(RemoteCacheMetrics.Set, e.Fault, values.Count);
            TakeOut(e);
            return false;
        }
    }

    private void Refused(int count, string reason)
    {
        metrics.Failed(RemoteCacheMetrics.Set, CacheFault.ServerError, count);
        if (Interlocked.Exchange(ref _saidRefused, 1) == 0)
            context.Logger.Warn("cache server refuses to store; this is counted and not said again",
                [("name", context.Name), ("server", Address), ("err", reason)]);
    }

    private async Task<T> WithinAsync<T>(TimeSpan timeout, Func<CancellationToken, Task<T>> operation, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, context.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await operation(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CacheException(CacheFault.Timeout, $"no answer within {timeout.TotalMilliseconds:0} ms");
        }
    }

    private void TakeOut(CacheException cause)
    {
        if (!_health.Failed(out bool isNews)) return;
        metrics.Used(Address, false);
        if (isNews)
            context.Logger.Warn("cache server does not answer and is bypassed", [("name", context.Name), ("server", Address), ("err", cause.Message)]);
    }

    private async Task LookAsync()
    {
        var answered = false;
        try
        {
            await WithinAsync(options.GetTimeout, async token =>
            {
                await server.ProbeAsync(token);
                return true;
            }, CancellationToken.None);
            answered = true;
        }
        catch (CacheException e)
        {
            context.Logger.Debug("cache server still does not answer", [("name", context.Name), ("server", Address), ("err", e.Message)]);
        }
        finally
        {
            if (_health.Looked(answered, out TimeSpan outFor, out bool isNews))
            {
                metrics.Used(Address, true);
                if (isNews)
                    context.Logger.Info("cache server answers again and is used", [("name", context.Name), ("server", Address), ("bypassed", outFor)]);
            }
        }
    }
}
