using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Aion.ObjectStorage.Swift;

/// <summary>
/// Uploads: what is shorter than a chunk goes in one request with its checksum; the rest as a large object, whose segments go up one after the
/// other under a name of the upload's own and which appears with its manifest, after all of them.
/// </summary>
internal sealed class SwiftUploader(SwiftClient client, SwiftSegments segments, SwiftConfig config, BucketProviderContext context)
{
    // Beyond that a request asks whether it may before it sends: a token that ran out then costs no transfer.
    private const long AskFirstBytes = 1024 * 1024;
    private static readonly TimeSpan CleanUpTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ListingTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(100);

    public async Task UploadAsync(string key, Stream content, bool ifAbsent, CancellationToken cancellationToken)
    {
        SwiftObject? old = await client.TryHeadAsync(key, cancellationToken);
        if (ifAbsent && old is not null) throw BucketException.AlreadyExists(config.Container, key);
        IReadOnlyList<(string Container, string Name)> replaced = old is null ? [] : await segments.OfAsync(key, old, cancellationToken);

        using var chunks = new SwiftChunks(content, config.ChunkBytes);
        SwiftChunk first = await chunks.NextAsync(cancellationToken);
        if (first.Length < config.ChunkBytes) await PutAsync(config.Container, key, first, ifAbsent, client.What("upload", key), cancellationToken);
        else await PutLargeAsync(key, chunks, first, ifAbsent, cancellationToken);
        await CleanUpAsync(key, replaced);
    }

    private async Task PutLargeAsync(string key, SwiftChunks chunks, SwiftChunk first, bool ifAbsent, CancellationToken cancellationToken)
    {
        string id = Guid.NewGuid().ToString("N");
        string prefix = $"{SwiftSegments.Folder}{id[..3]}/{id[3..]}/";
        var sent = new List<SwiftSegment>();
        try
        {
            for (SwiftChunk chunk = first; chunk.Length > 0; chunk = await chunks.NextAsync(cancellationToken))
            {
                string name = prefix + sent.Count.ToString("d16", CultureInfo.InvariantCulture);
                await PutAsync(config.SegmentContainer, name, chunk, ifAbsent: false, client.What("upload", key), cancellationToken);
                sent.Add(new SwiftSegment($"{config.SegmentContainer}/{name}", chunk.Md5, chunk.Length));
            }

            if (config.UseDynamicLargeObjects) await WaitForListingAsync(key, prefix, sent.Count, cancellationToken);
        }
        catch
        {
            await CleanUpAsync(key, NamesOf(prefix, sent.Count + 1));
            throw;
        }

        await PutManifestAsync(key, prefix, sent, ifAbsent, cancellationToken);
    }

    private async Task PutManifestAsync(string key, string prefix, List<SwiftSegment> sent, bool ifAbsent, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await client.SendAsync(
                storage => config.UseDynamicLargeObjects ? DynamicManifest(storage, key, prefix, ifAbsent) : StaticManifest(storage, key, sent, ifAbsent),
                static s => s is HttpStatusCode.Created or HttpStatusCode.OK or HttpStatusCode.Accepted, repeatable: !ifAbsent,
                client.What("upload", key), cancellationToken);
        }
        catch (BucketException e) when (e.Kind != BucketErrorKind.Transient)
        {
            await CleanUpAsync(key, NamesOf(prefix, sent.Count));
            throw;
        }
        catch (Exception e) when (e is BucketException or OperationCanceledException)
        {
            // The manifest may be in place, and then its segments are the object.
            context.Warn($"upload {key} to bucket {config.Container}: nobody knows whether it took place; its segments stay below {config.SegmentContainer}/{prefix}");
            throw;
        }
    }

    private async Task PutAsync(string container, string name, SwiftChunk chunk, bool ifAbsent, string what, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await client.SendAsync(
                storage =>
                {
                    HttpRequestMessage request = Put(SwiftClient.Address(storage, container, name), new SwiftChunkContent(chunk), ifAbsent);
                    request.Headers.TryAddWithoutValidation("ETag", chunk.Md5);
                    request.Headers.ExpectContinue = chunk.Length > AskFirstBytes ? true : null;
                    return request;
                },
                static s => s is HttpStatusCode.Created or HttpStatusCode.OK or HttpStatusCode.Accepted, repeatable: !ifAbsent, what, cancellationToken);
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            throw SwiftClient.NoContainer(container, what);
        }
    }

    private HttpRequestMessage StaticManifest(string storage, string key, List<SwiftSegment> sent, bool ifAbsent)
    {
        var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(sent, SwiftJson.Default.IReadOnlyListSwiftSegment));
        return Put(SwiftClient.Address(storage, config.Container, key, "multipart-manifest=put"), body, ifAbsent);
    }

    private HttpRequestMessage DynamicManifest(string storage, string key, string prefix, bool ifAbsent)
    {
        HttpRequestMessage request = Put(SwiftClient.Address(storage, config.Container, key), new ByteArrayContent([]), ifAbsent);
        request.Headers.TryAddWithoutValidation(
            "X-Object-Manifest", $"{Uri.EscapeDataString(config.SegmentContainer)}/{SwiftClient.EscapePath(prefix)}");
        return request;
    }

    private static HttpRequestMessage Put(Uri address, HttpContent body, bool ifAbsent)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = body };
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        if (ifAbsent) request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        return request;
    }

    /// <summary>A dynamic object is what the listing shows, and listings lag: its manifest waits for them, or readers would see a part.</summary>
    private async Task WaitForListingAsync(string key, string prefix, int count, CancellationToken cancellationToken)
    {
        long start = context.Time.GetTimestamp();
        for (TimeSpan pause = FirstLook; ; pause *= 2)
        {
            int listed = (await segments.ListAsync(config.SegmentContainer, prefix, cancellationToken)).Count;
            if (listed == count) return;
            if (context.Time.GetElapsedTime(start) > ListingTimeout)
                throw new BucketException(
                    BucketErrorKind.Transient, $"{client.What("upload", key)}: container {config.SegmentContainer} lists {listed} of {count} segments after {ListingTimeout}");
            await Task.Delay(pause, context.Time, cancellationToken);
        }
    }

    private IEnumerable<(string Container, string Name)> NamesOf(string prefix, int count) =>
        Enumerable.Range(0, count).Select(i => (config.SegmentContainer, prefix + i.ToString("d16", CultureInfo.InvariantCulture)));

    /// <summary>Frees segments that belong to nothing any more. Whether the upload worked is decided by then: what stays behind is told.</summary>
    private async Task CleanUpAsync(string key, IEnumerable<(string Container, string Name)> names)
    {
        using var limit = new CancellationTokenSource(CleanUpTimeout, context.Time);
        try
        {
            await segments.DeleteAsync(names, limit.Token);
        }
        catch (Exception e) when (e is BucketException or OperationCanceledException)
        {
            context.Warn($"upload {key} to bucket {config.Container}: segments in container {config.SegmentContainer} were not deleted: {e.Message}");
        }
    }
}
