using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace Aion.ObjectStorage.Swift;

/// <summary>A container of OpenStack's object storage, over its own API.</summary>
internal sealed class SwiftBucket : IBucket
{
    private readonly SwiftClient _client;
    private readonly SwiftSegments _segments;
    private readonly SwiftUploader _uploader;

    public SwiftBucket(SwiftClient client, SwiftConfig config, BucketProviderContext context)
    {
        _client = client;
        _segments = new SwiftSegments(client, config);
        _uploader = new SwiftUploader(client, _segments, config, context);
        Name = config.Container;
    }

    public string Name { get; }

    /// <summary>Swift has the condition, but looks before the body comes: of two writers at once both may pass.</summary>
    public bool SupportsConditionalUpload => false;

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken) =>
        await TryGetAsync(key, cancellationToken) ?? throw BucketException.NotFound(Name, key);

    public Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken) => OpenAsync(key, null, 0, long.MaxValue, cancellationToken);

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

        return await OpenAsync(key, RangeOf(offset, length), offset, length, cancellationToken) ?? throw BucketException.NotFound(Name, key);
    }

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string trimmed = ObjectKey.CheckDirectory(directory);
        string prefix = trimmed.Length == 0 ? "" : trimmed + "/";
        string? next = "";
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            (IReadOnlyList<SwiftListed> page, next) = await _client.ListPageAsync(Name, prefix, recursive ? "" : "/", next, cancellationToken);
            foreach (SwiftListed listed in page)
                if (await EntryOfAsync(listed, cancellationToken) is { } entry) yield return entry;
        }
        while (next is not null);
    }

    public async Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken) =>
        await HeadAsync(key, cancellationToken) is { } found ? found.Attributes : throw BucketException.NotFound(Name, key);

    public async Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => await HeadAsync(key, cancellationToken) is not null;

    public async Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken)
    {
        CheckKey(key, cancellationToken);
        await _uploader.UploadAsync(key, content, condition == UploadCondition.IfAbsent, cancellationToken);
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        if (await HeadAsync(key, cancellationToken) is { } found) await _segments.DeleteObjectAsync(key, found, cancellationToken);
    }

    private Task<SwiftObject?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        CheckKey(key, cancellationToken);
        return _client.TryHeadAsync(key, cancellationToken);
    }

    /// <summary>Null for what is no entry: segments, and the folders that some console made.</summary>
    private async ValueTask<BucketEntry?> EntryOfAsync(SwiftListed listed, CancellationToken cancellationToken)
    {
        string? name = listed.Subdirectory ?? listed.Name;
        if (string.IsNullOrEmpty(name) || _segments.IsSegment(name)) return null;
        if (listed.Subdirectory is not null) return new BucketEntry(name, null);
        if (name.EndsWith('/')) return null;
        // A dynamic large object is listed by its manifest, which is empty.
        if (listed.Bytes == 0) return await _client.TryHeadAsync(name, cancellationToken) is { } found ? new BucketEntry(name, found.Attributes) : null;
        return new BucketEntry(name, listed.Attributes);
    }

    private async Task<Stream?> OpenAsync(string key, RangeHeaderValue? range, long offset, long maxBytes, CancellationToken cancellationToken)
    {
        CheckKey(key, cancellationToken);
        HttpResponseMessage answer = await SendGetAsync(key, range, etag: null, cancellationToken);
        switch (answer.StatusCode)
        {
            case HttpStatusCode.NotFound:
                answer.Dispose();
                await _client.CheckContainerAsync(_client.What("get", key), cancellationToken);
                return null;
            case HttpStatusCode.RequestedRangeNotSatisfiable when range is not null:
                answer.Dispose();
                return Stream.Null;
            case HttpStatusCode.OK when offset > 0:
                throw IgnoredRange(key, answer);
        }

        string? etag = SwiftAnswers.Header(answer, "ETag");
        return new ResumingStream(
            new ObjectBody(await answer.Content.ReadAsStreamAsync(cancellationToken), answer), maxBytes,
            string.IsNullOrEmpty(etag) ? null : (read, token) => ReopenAsync(key, offset + read, maxBytes == long.MaxValue ? maxBytes : maxBytes - read, etag, token),
            e => SwiftErrors.Translate(e, _client.What("read", key)), _client.Budget);
    }

    /// <summary>The rest of an object, provided that it is still the one with this tag.</summary>
    private async Task<ObjectBody> ReopenAsync(string key, long from, long length, string etag, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer = await SendGetAsync(key, RangeOf(from, length), etag, cancellationToken);
        switch (answer.StatusCode)
        {
            case HttpStatusCode.NotFound:
                answer.Dispose();
                throw BucketException.NotFound(Name, key);
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                answer.Dispose();
                return new ObjectBody(Stream.Null, Stream.Null);
            case HttpStatusCode.OK when from > 0:
                throw IgnoredRange(key, answer);
        }

        return new ObjectBody(await answer.Content.ReadAsStreamAsync(cancellationToken), answer);
    }

    private Task<HttpResponseMessage> SendGetAsync(string key, RangeHeaderValue? range, string? etag, CancellationToken cancellationToken) => _client.SendAsync(
        storage =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, SwiftClient.Address(storage, Name, key));
            request.Headers.Range = range;
            if (etag is not null) request.Headers.TryAddWithoutValidation("If-Match", etag);
            return request;
        },
        static s => s is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.NotFound,
        repeatable: true, _client.What("get", key), cancellationToken);

    private static RangeHeaderValue RangeOf(long offset, long length) => new(offset, length > long.MaxValue - offset ? null : offset + length - 1);

    private BucketException IgnoredRange(string key, HttpResponseMessage answer)
    {
        answer.Dispose();
        return new BucketException(BucketErrorKind.Unknown, $"get {key} in bucket {Name}: the server ignored the range and answered {(int)answer.StatusCode}");
    }

    private void CheckKey(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        if (_segments.IsSegment(key))
            throw new BucketException(
                BucketErrorKind.InvalidKey,
                $"\"{key}\": names below {SwiftSegments.Folder} belong to the segments of large objects (unless large_object_segments_container_name says otherwise)");
        cancellationToken.ThrowIfCancellationRequested();
    }
}
