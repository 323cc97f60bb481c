using System.Runtime.CompilerServices;

namespace Aion.ObjectStorage;

/// <summary>Counts and times what passes to a bucket. Cancellation, and absence where it was asked about, are no failures.</summary>
public sealed class MeteredBucket(IBucket inner, BucketMetrics metrics, TimeProvider time) : IBucket
{
    private readonly BucketMetrics.BucketInstruments _instruments = metrics.For(inner.Name);

    public string Name => inner.Name;

    public bool SupportsConditionalUpload => inner.SupportsConditionalUpload;

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken) =>
        ReadAsync(BucketMetrics.Get, () => inner.GetAsync(key, cancellationToken));

    public async Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        Stream? stream = await CountAsync(BucketMetrics.Get, () => inner.TryGetAsync(key, cancellationToken));
        return stream is null ? null : new MeteredStream(stream, this, BucketMetrics.Get, start);
    }

    public Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken) =>
        ReadAsync(BucketMetrics.GetRange, () => inner.GetRangeAsync(key, offset, length, cancellationToken));

    /// <summary>Not counted: what is read of a mapped object is no operation against the bucket.</summary>
    public MappedObject? TryMap(string key) => inner.TryMap(key);

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        _instruments.Started(BucketMetrics.List);
        await using IAsyncEnumerator<BucketEntry> entries = inner.ListAsync(directory, recursive, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            bool more;
            try
            {
                more = await entries.MoveNextAsync();
            }
            catch (Exception e) when (IsFailure(e))
            {
                _instruments.Failed(BucketMetrics.List);
                throw;
            }

            if (!more) break;
            yield return entries.Current;
        }

        _instruments.Succeeded(BucketMetrics.List, time.GetElapsedTime(start));
    }

    public Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken) =>
        TimeAsync(BucketMetrics.Attributes, () => inner.AttributesAsync(key, cancellationToken));

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) =>
        TimeAsync(BucketMetrics.Exists, () => inner.ExistsAsync(key, cancellationToken));

    public async Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken)
    {
        var counted = new CountingStream(content);
        await TimeAsync(BucketMetrics.Upload, async () =>
        {
            await inner.UploadAsync(key, counted, condition, cancellationToken);
            return true;
        });
        _instruments.Transferred(BucketMetrics.Upload, counted.BytesRead);
        _instruments.Uploaded(time.GetUtcNow());
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => TimeAsync(BucketMetrics.Delete, async () =>
    {
        await inner.DeleteAsync(key, cancellationToken);
        return true;
    });

    private async Task<Stream> ReadAsync(string operation, Func<Task<Stream>> open)
    {
        long start = time.GetTimestamp();
        return new MeteredStream(await CountAsync(operation, open), this, operation, start);
    }

    private async Task<T> TimeAsync<T>(string operation, Func<Task<T>> call)
    {
        long start = time.GetTimestamp();
        T answer = await CountAsync(operation, call);
        _instruments.Succeeded(operation, time.GetElapsedTime(start));
        return answer;
    }

    private async Task<T> CountAsync<T>(string operation, Func<Task<T>> call)
    {
        _instruments.Started(operation);
        try
        {
            return await call();
        }
        catch (Exception e) when (IsFailure(e))
        {
            _instruments.Failed(operation);
            throw;
        }
    }

    // A conditional upload that met an object did its work.
    private static bool IsFailure(Exception e) =>
        e is not OperationCanceledException and not BucketException { Kind: BucketErrorKind.AlreadyExists };

    /// <summary>A fetched object: the operation ends, well or badly, with the reading.</summary>
    private sealed class MeteredStream(Stream source, MeteredBucket bucket, string operation, long start) : CountingStream(source)
    {
        private bool _failed;
        private bool _ended;

        protected override void OnFailed(Exception cause)
        {
            if (_failed || !IsFailure(cause)) return;
            _failed = true;
            bucket._instruments.Failed(operation);
        }

        protected override void OnDisposed()
        {
            if (_ended) return;
            _ended = true;
            bucket._instruments.Fetched(operation, BytesRead);
            if (_failed) return;
            bucket._instruments.Transferred(operation, BytesRead);
            bucket._instruments.Succeeded(operation, bucket.ElapsedSince(start));
        }
    }

    private TimeSpan ElapsedSince(long start) => time.GetElapsedTime(start);
}
