using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace Aion.ObjectStorage.S3;

/// <summary>A bucket behind the S3 API: Amazon's, or any that speaks it.</summary>
internal sealed class S3Bucket(IAmazonS3 client, S3Config config) : IBucket
{
    private readonly S3Uploader _uploader = new(client, config);

    // Of reads that broke off; requests that fail have the SDK's own quota.
    private readonly RetryBudget _resumes = new();

    public string Name => config.Bucket;

    /// <summary>Elsewhere than at Amazon nobody can tell: some servers ignore the condition without a word.</summary>
    public bool SupportsConditionalUpload => config.Endpoint.IsAmazon;

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken) =>
        await TryGetAsync(key, cancellationToken) ?? throw BucketException.NotFound(Name, key);

    public async Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(key, range: null, 0, long.MaxValue, cancellationToken);
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            return null;
        }
    }

    public async Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0)
        {
            // HTTP has no empty range; the object must be there all the same.
            await AttributesAsync(key, cancellationToken);
            return Stream.Null;
        }

        return await OpenAsync(key, RangeOf(offset, length), offset, length, cancellationToken);
    }

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string trimmed = ObjectKey.CheckDirectory(directory);
        string prefix = trimmed.Length == 0 ? "" : trimmed + "/";
        var page = new S3ListPage(null, [], []);
        do
        {
            page = await CallAsync("list", prefix, () => ListPageAsync(prefix, recursive, page.Next, cancellationToken), cancellationToken);
            foreach (S3Object found in page.Objects)
                // A key that ends in a slash is a folder that some console made, and no object of ours.
                if (!found.Key.EndsWith('/')) yield return new BucketEntry(found.Key, new ObjectAttributes(found.Size ?? 0, Seconds(found.LastModified)));
            foreach (string common in page.CommonPrefixes) yield return new BucketEntry(common, null);
        }
        while (page.Next is not null);
    }

    public Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        var request = new GetObjectMetadataRequest { BucketName = config.Bucket, Key = key };
        config.Encryption.Apply(request);
        return CallAsync(
            "attributes of", key,
            async () =>
            {
                GetObjectMetadataResponse answer = await client.GetObjectMetadataAsync(request, cancellationToken);
                return new ObjectAttributes(answer.ContentLength, Seconds(answer.LastModified));
            },
            cancellationToken);
    }

    public async Task<bool> ExistsAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await AttributesAsync(key, cancellationToken);
            return true;
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            return false;
        }
    }

    public async Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        bool conditional = condition == UploadCondition.IfAbsent;
        if (conditional && !SupportsConditionalUpload && await ExistsAsync(key, cancellationToken)) throw BucketException.AlreadyExists(Name, key);
        await _uploader.UploadAsync(key, content, conditional && SupportsConditionalUpload, cancellationToken);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        var request = new DeleteObjectRequest { BucketName = config.Bucket, Key = key };
        return CallAsync(
            "delete", key,
            async () =>
            {
                try
                {
                    return await client.DeleteObjectAsync(request, cancellationToken);
                }
                catch (AmazonS3Exception e) when (S3Errors.IsAbsent(e))
                {
                    return null;
                }
            },
            cancellationToken);
    }

    private async Task<Stream> OpenAsync(string key, ByteRange? range, long offset, long maxBytes, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        _resumes.Earn();
        GetObjectResponse? answer = await SendGetAsync(key, range, offset, etag: null, cancellationToken);
        if (answer is null) return Stream.Null;
        string? etag = answer.ETag;
        return new ResumingStream(
            new ObjectBody(answer.ResponseStream, answer), maxBytes,
            string.IsNullOrEmpty(etag) ? null : (read, token) => ReopenAsync(key, offset + read, maxBytes == long.MaxValue ? maxBytes : maxBytes - read, etag, token),
            e => S3Errors.Translate(e, "read", key, Name), _resumes);
    }

    /// <summary>The rest of an object, provided that it is still the one with this tag.</summary>
    private async Task<ObjectBody> ReopenAsync(string key, long from, long length, string etag, CancellationToken cancellationToken)
    {
        GetObjectResponse? answer = await SendGetAsync(key, RangeOf(from, length), from, etag, cancellationToken);
        return answer is null ? new ObjectBody(Stream.Null, Stream.Null) : new ObjectBody(answer.ResponseStream, answer);
    }

    /// <summary>Null where the range begins at or behind the object's end.</summary>
    private async Task<GetObjectResponse?> SendGetAsync(string key, ByteRange? range, long offset, string? etag, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = config.Bucket, Key = key, ByteRange = range, EtagToMatch = etag };
        config.Encryption.Apply(request);
        try
        {
            GetObjectResponse answer = await client.GetObjectAsync(request, cancellationToken);
            return offset == 0 || answer.HttpStatusCode == HttpStatusCode.PartialContent ? answer : throw IgnoredRange(key, answer);
        }
        catch (AmazonS3Exception e) when (range is not null && S3Errors.IsPastTheEnd(e))
        {
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw S3Errors.Translate(e, "get", key, Name);
        }
    }

    private static ByteRange RangeOf(long offset, long length) =>
        new(length > long.MaxValue - offset ? $"bytes={offset}-" : $"bytes={offset}-{offset + length - 1}");

    // Skipping to the offset would hide that every ranged read costs the whole object.
    private BucketException IgnoredRange(string key, GetObjectResponse answer)
    {
        answer.Dispose();
        return new BucketException(
            BucketErrorKind.Unknown, $"get {key} in bucket {Name}: the server ignored the range and answered {(int)answer.HttpStatusCode}");
    }

    private async Task<S3ListPage> ListPageAsync(string prefix, bool recursive, string? next, CancellationToken cancellationToken)
    {
        string? delimiter = recursive ? null : "/";
        if (config.ListVersion1)
        {
            var old = new ListObjectsRequest { BucketName = config.Bucket, Prefix = prefix, Delimiter = delimiter, Marker = next };
            ListObjectsResponse first = await client.ListObjectsAsync(old, cancellationToken);
            // Without a delimiter servers may leave the marker out: it is the last key then.
            string? marker = first.IsTruncated != true ? null : first.NextMarker ?? first.S3Objects?[^1].Key;
            return new S3ListPage(marker, first.S3Objects ?? [], first.CommonPrefixes ?? []);
        }

        var request = new ListObjectsV2Request { BucketName = config.Bucket, Prefix = prefix, Delimiter = delimiter, ContinuationToken = next };
        ListObjectsV2Response answer = await client.ListObjectsV2Async(request, cancellationToken);
        return new S3ListPage(
            answer.IsTruncated == true ? answer.NextContinuationToken : null, answer.S3Objects ?? [], answer.CommonPrefixes ?? []);
    }

    private async Task<T> CallAsync<T>(string operation, string key, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await call();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw S3Errors.Translate(e, operation, key, Name);
        }
    }

    // Headers have whole seconds and listings may have more: an object has one time.
    private static DateTimeOffset Seconds(DateTime? time)
    {
        if (time is not { } known) return DateTimeOffset.UnixEpoch;
        var utc = new DateTimeOffset(known.ToUniversalTime());
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerSecond));
    }

    private sealed record S3ListPage(string? Next, IReadOnlyList<S3Object> Objects, IReadOnlyList<string> CommonPrefixes);
}
