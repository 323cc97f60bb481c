using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace Aion.ObjectStorage.Gcs;

/// <summary>A bucket in Google's cloud storage, over the JSON API.</summary>
internal sealed class GcsBucket(GcsClient client, GcsConfig config) : IBucket
{
    private readonly GcsUploader _uploader = new(client, config);

    public string Name => client.Bucket;

    public bool SupportsConditionalUpload => true;

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken) =>
        await TryGetAsync(key, cancellationToken) ?? throw BucketException.NotFound(Name, key);

    public async Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(key, null, 0, long.MaxValue, cancellationToken);
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

        var range = new RangeHeaderValue(offset, length > long.MaxValue - offset ? null : offset + length - 1);
        return await OpenAsync(key, range, offset, length, cancellationToken);
    }

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string trimmed = ObjectKey.CheckDirectory(directory);
        string prefix = trimmed.Length == 0 ? "" : trimmed + "/";
        string query = $"prefix={Uri.EscapeDataString(prefix)}{(recursive ? "" : "&delimiter=%2F")}&maxResults=1000&fields=items(name,size,updated),prefixes,nextPageToken";
        string? next = null;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            Uri page = client.ObjectsUri(next is null ? query : $"{query}&pageToken={Uri.EscapeDataString(next)}");
            GcsObjects found = await client.AskAsync(
                () => new HttpRequestMessage(HttpMethod.Get, page), GcsJson.Default.GcsObjects, repeatable: true, ("list", prefix), cancellationToken);
            foreach (GcsObject item in found.Items ?? [])
                // A key that ends in a slash is a folder that some console made, and no object of ours.
                if (!item.Name.EndsWith('/')) yield return new BucketEntry(item.Name, item.Attributes);
            foreach (string common in found.Prefixes ?? []) yield return new BucketEntry(common, null);
            next = found.NextPageToken;
        }
        while (!string.IsNullOrEmpty(next));
    }

    public async Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        GcsObject found = await client.AskAsync(
            () => new HttpRequestMessage(HttpMethod.Get, client.ObjectUri(key, "fields=name,size,updated")), GcsJson.Default.GcsObject,
            repeatable: true, ("attributes of", key), cancellationToken);
        return found.Attributes;
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
        await _uploader.UploadAsync(key, content, condition == UploadCondition.IfAbsent, cancellationToken);
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using HttpResponseMessage answer = await client.SendAsync(
                () => new HttpRequestMessage(HttpMethod.Delete, client.ObjectUri(key, "")),
                static s => s is HttpStatusCode.NoContent or HttpStatusCode.OK, repeatable: true, ("delete", key), cancellationToken);
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            // Gone already, or by the try before this one.
        }
    }

    private async Task<Stream> OpenAsync(string key, RangeHeaderValue? range, long offset, long maxBytes, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        HttpResponseMessage answer = await SendGetAsync(key, range, generation: null, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && range is not null) return Empty(answer);
        if (offset > 0 && answer.StatusCode != HttpStatusCode.PartialContent)
        {
            // A server may answer a range behind the end with the whole object, which is shorter then.
            long? length = answer.Content.Headers.ContentLength;
            return length <= offset ? Empty(answer) : throw IgnoredRange(key, answer);
        }

        string? generation = answer.Headers.TryGetValues("x-goog-generation", out IEnumerable<string>? values) ? string.Concat(values) : null;
        return new ResumingStream(
            new ObjectBody(await answer.Content.ReadAsStreamAsync(cancellationToken), answer), maxBytes,
            generation is null ? null : (read, token) => ReopenAsync(key, offset + read, range?.Ranges.First().To, generation, token),
            e => client.Translate(e, ("read", key)), client.Budget);
    }

    /// <summary>The rest of the same generation of the object.</summary>
    private async Task<ObjectBody> ReopenAsync(string key, long from, long? to, string generation, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer = await SendGetAsync(key, new RangeHeaderValue(from, to), generation, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return new ObjectBody(Empty(answer), Stream.Null);
        if (answer.StatusCode != HttpStatusCode.PartialContent) throw IgnoredRange(key, answer);
        return new ObjectBody(await answer.Content.ReadAsStreamAsync(cancellationToken), answer);
    }

    private Task<HttpResponseMessage> SendGetAsync(string key, RangeHeaderValue? range, string? generation, CancellationToken cancellationToken)
    {
        Uri address = client.ObjectUri(key, generation is null ? "alt=media" : $"alt=media&generation={Uri.EscapeDataString(generation)}");
        return client.SendAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, address);
                request.Headers.Range = range;
                return request;
            },
            static s => s is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable,
            repeatable: true, ("get", key), cancellationToken);
    }

    private BucketException IgnoredRange(string key, HttpResponseMessage answer)
    {
        answer.Dispose();
        return new BucketException(BucketErrorKind.Unknown, $"get {key} in bucket {Name}: the server ignored the range and answered {(int)answer.StatusCode}");
    }

    private static Stream Empty(HttpResponseMessage answer)
    {
        answer.Dispose();
        return Stream.Null;
    }
}
