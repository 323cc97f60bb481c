using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Aion.ObjectStorage;

/// <summary>Counts, times and traces what passes to a bucket. Cancellation, and absence where it was asked about, are no failures.</summary>
public sealed class MeteredBucket(IBucket inner, BucketMetrics metrics, TimeProvider time) : IBucket
{
    private readonly BucketMetrics.BucketInstruments _instruments = metrics.For(inner.Name);

    public string Name => inner.Name;

    public bool SupportsConditionalUpload => inner.SupportsConditionalUpload;

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken) =>
        ReadAsync(BucketMetrics.Get, BucketTracing.Get, key, range: null, () => inner.GetAsync(key, cancellationToken));

    public async Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        Activity? span = StartSpan(BucketTracing.Get, key);
        Stream? stream = await CountAsync(BucketMetrics.Get, span, () => inner.TryGetAsync(key, cancellationToken));
        if (stream is not null) return new MeteredStream(stream, this, BucketMetrics.Get, start, span);
        BucketTracing.End(span);
        return null;
    }

    public Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken) => ReadAsync(
        BucketMetrics.GetRange, BucketTracing.GetRange, key, (offset, length), () => inner.GetRangeAsync(key, offset, length, cancellationToken));

    public bool IsLocal => inner.IsLocal;

    /// <summary>Not counted: what is read of a file of this machine is no request; who reads it counts what it fetched.</summary>
    public LocalObject OpenLocal(string key) => inner.OpenLocal(key);

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        _instruments.Started(BucketMetrics.List);
        Activity? span = BucketTracing.Start(BucketTracing.List, Name, "dir", directory);
        await using IAsyncEnumerator<BucketEntry> entries = inner.ListAsync(directory, recursive, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await NextAsync(entries, span)) yield return entries.Current;
            _instruments.Succeeded(BucketMetrics.List, time.GetElapsedTime(start));
        }
        finally
        {
            BucketTracing.End(span);
        }
    }

    public Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken) =>
        TimeAsync(BucketMetrics.Attributes, BucketTracing.Attributes, key, () => inner.AttributesAsync(key, cancellationToken));

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) =>
        TimeAsync(BucketMetrics.Exists, BucketTracing.Exists, key, () => inner.ExistsAsync(key, cancellationToken));

    public async Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken)
    {
        var counted = new CountingStream(content);
        await TimeAsync(BucketMetrics.Upload, BucketTracing.Upload, key, async () =>
        {
            await inner.UploadAsync(key, counted, condition, cancellationToken);
            return true;
        });
        _instruments.Transferred(BucketMetrics.Upload, counted.BytesRead);
        _instruments.Uploaded(time.GetUtcNow());
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => TimeAsync(BucketMetrics.Delete, BucketTracing.Delete, key, async () =>
    {
        await inner.DeleteAsync(key, cancellationToken);
        return true;
    });

    private async Task<bool> NextAsync(IAsyncEnumerator<BucketEntry> entries, Activity? span)
    {
        // Between two entries the caller's own span is the current one.
        if (span is not null) Activity.Current = span;
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (Exception e)
        {
            BucketTracing.Failed(span, e);
            if (IsFailure(e)) _instruments.Failed(BucketMetrics.List);
            throw;
        }
    }

    private async Task<Stream> ReadAsync(string operation, string spanName, string key, (long Offset, long Length)? range, Func<Task<Stream>> open)
    {
        long start = time.GetTimestamp();
        Activity? span = StartSpan(spanName, key);
        if (span is not null && range is { } asked) span.SetTag("offset", asked.Offset).SetTag("length", asked.Length);
        return new MeteredStream(await CountAsync(operation, span, open), this, operation, start, span);
    }

    private async Task<T> TimeAsync<T>(string operation, string spanName, string key, Func<Task<T>> call)
    {
        long start = time.GetTimestamp();
        Activity? span = StartSpan(spanName, key);
        T answer = await CountAsync(operation, span, call);
        _instruments.Succeeded(operation, time.GetElapsedTime(start));
        BucketTracing.End(span);
        return answer;
    }

    /// <summary>The span goes on where the call succeeds.</summary>
    private async Task<T> CountAsync<T>(string operation, Activity? span, Func<Task<T>> call)
    {
        _instruments.Started(operation);
        try
        {
            return await call();
        }
        catch (Exception e)
        {
            BucketTracing.Failed(span, e);
            BucketTracing.End(span);
            if (IsFailure(e)) _instruments.Failed(operation);
            throw;
        }
    }

    private Activity? StartSpan(string operation, string key) => BucketTracing.Start(operation, Name, "name", key);

    // A conditional upload that met an object did its work.
    private static bool IsFailure(Exception e) =>
        e is not OperationCanceledException and not BucketException { Kind: BucketErrorKind.AlreadyExists };

    /// <summary>A fetched object: the operation ends, well or badly, with the reading.</summary>
    private sealed class MeteredStream(Stream source, MeteredBucket bucket, string operation, long start, Activity? span) : CountingStream(source)
    {
        private bool _failed;
        private bool _ended;

        protected override void OnFailed(Exception cause)
        {
            BucketTracing.Failed(span, cause);
            if (_failed || !IsFailure(cause)) return;
            _failed = true;
            bucket._instruments.Failed(operation);
        }

        protected override void OnDisposed()
        {
            if (_ended) return;
            _ended = true;
            bucket._instruments.Fetched(operation, BytesRead);
            BucketTracing.End(span?.SetTag("read", BytesRead));
            if (_failed) return;
            bucket._instruments.Transferred(operation, BytesRead);
            bucket._instruments.Succeeded(operation, bucket.ElapsedSince(start));
        }
    }

    private TimeSpan ElapsedSince(long start) => time.GetElapsedTime(start);
}
