using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Aion.ObjectStorage.Gcs;

/// <summary>
/// Uploads: what fits one chunk goes in one request with its checksum, the rest through an upload session, one chunk at a time, so that a
/// stream of any length needs the memory of one chunk. A chunk whose answer was lost is taken up where the server says it stopped.
/// </summary>
internal sealed class GcsUploader(GcsClient client, GcsConfig config)
{
    private const HttpStatusCode Resume = (HttpStatusCode)308;
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(30);

    public async Task UploadAsync(string key, Stream content, bool ifAbsent, CancellationToken cancellationToken)
    {
        using var chunk = new PartBuffer(config.ChunkBytes);
        await chunk.FillAsync(content, cancellationToken);
        if (chunk.IsFull) await UploadChunksAsync(key, chunk, content, ifAbsent, cancellationToken);
        else await UploadWholeAsync(key, chunk, ifAbsent, cancellationToken);
    }

    private async Task UploadWholeAsync(string key, PartBuffer chunk, bool ifAbsent, CancellationToken cancellationToken)
    {
#pragma warning disable CA5351 // A check against transfer errors, as the service defines it.
        string md5 = Convert.ToBase64String(MD5.HashData(chunk.Content.Span));
#pragma warning restore CA5351
        Uri target = client.UploadUri("uploadType=multipart" + Condition(ifAbsent));
        GcsObject stored = await client.AskAsync(
            () =>
            {
                var media = new ReadOnlyMemoryContent(chunk.Content);
                media.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                return new HttpRequestMessage(HttpMethod.Post, target)
                {
                    Content = new MultipartContent("related", Guid.NewGuid().ToString("N")) { Describe(key, md5), media },
                };
            },
            GcsJson.Default.GcsObject, repeatable: !ifAbsent, ("upload", key), cancellationToken);
        CheckSize(key, stored, chunk.Length);
    }

    private async Task UploadChunksAsync(string key, PartBuffer chunk, Stream content, bool ifAbsent, CancellationToken cancellationToken)
    {
        Uri session = await BeginAsync(key, ifAbsent, cancellationToken);
        try
        {
            long sent = 0;
            while (chunk.IsFull)
            {
                await SendChunkAsync(key, session, chunk.Content, sent, cancellationToken);
                sent += chunk.Length;
                await chunk.FillAsync(content, cancellationToken);
            }

            await FinishAsync(key, session, chunk.Content, sent, cancellationToken);
        }
        catch
        {
            await AbortAsync(session);
            throw;
        }
    }

    private async Task<Uri> BeginAsync(string key, bool ifAbsent, CancellationToken cancellationToken)
    {
        Uri target = client.UploadUri("uploadType=resumable" + Condition(ifAbsent));
        using HttpResponseMessage answer = await client.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, target) { Content = Describe(key, md5: null) },
            static s => s is HttpStatusCode.OK or HttpStatusCode.Created, repeatable: true, ("upload", key), cancellationToken);
        return answer.Headers.Location is { IsAbsoluteUri: true } session
            ? session
            : throw new BucketException(BucketErrorKind.Unknown, $"upload {key} to bucket {client.Bucket}: the server gave no address for the upload session");
    }

    /// <summary>Sends a chunk that is not the last, as often as the server needs to have all of it.</summary>
    private async Task SendChunkAsync(string key, Uri session, ReadOnlyMemory<byte> chunk, long start, CancellationToken cancellationToken)
    {
        long end = start + chunk.Length;
        for (long from = start; from < end;)
        {
            long begin = from;
            using HttpResponseMessage answer = await PutAsync(
                key, session, chunk[(int)(begin - start)..], string.Create(CultureInfo.InvariantCulture, $"bytes {begin}-{end - 1}/*"), cancellationToken);
            if (answer.StatusCode != Resume)
                throw new BucketException(
                    BucketErrorKind.Unknown, $"upload {key} to bucket {client.Bucket}: the server ended the upload after {end} bytes, before its last chunk");
            from = Stored(answer);
            if (from <= begin || from > end)
                throw new BucketException(
                    BucketErrorKind.Transient, $"upload {key} to bucket {client.Bucket}: the server has {from} bytes after {begin} to {end} were sent");
        }
    }

    private async Task FinishAsync(string key, Uri session, ReadOnlyMemory<byte> rest, long start, CancellationToken cancellationToken)
    {
        long total = start + rest.Length;
        string range = rest.IsEmpty
            ? string.Create(CultureInfo.InvariantCulture, $"bytes */{total}")
            : string.Create(CultureInfo.InvariantCulture, $"bytes {start}-{total - 1}/{total}");
        HttpResponseMessage answer = await PutAsync(key, session, rest, range, cancellationToken);
        if (answer.StatusCode == Resume)
        {
            answer.Dispose();
            throw new BucketException(BucketErrorKind.Transient, $"upload {key} to bucket {client.Bucket}: the server did not take the last chunk");
        }

        CheckSize(key, await client.ReadAsync(answer, GcsJson.Default.GcsObject, ("upload", key), cancellationToken), total);
    }

    // The bytes of a session have fixed places: sending them twice does no harm.
    private Task<HttpResponseMessage> PutAsync(string key, Uri session, ReadOnlyMemory<byte> body, string range, CancellationToken cancellationToken) =>
        client.SendAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Put, session) { Content = new ReadOnlyMemoryContent(body) };
                request.Content.Headers.TryAddWithoutValidation("Content-Range", range);
                return request;
            },
            static s => s is HttpStatusCode.OK or HttpStatusCode.Created or Resume, repeatable: true, ("upload", key), cancellationToken);

    /// <summary>Frees the session; its bytes are invisible and Google drops them after a week in any case.</summary>
    private async Task AbortAsync(Uri session)
    {
        using var limit = new CancellationTokenSource(AbortTimeout);
        try
        {
            using HttpResponseMessage answer = await client.SendAsync(
                () => new HttpRequestMessage(HttpMethod.Delete, session), static _ => true, repeatable: false, ("abort upload", ""), limit.Token);
        }
        catch (Exception e) when (e is BucketException or OperationCanceledException)
        {
            // The upload has failed anyway and says why.
        }
    }

    // "bytes=0-N": the server has N + 1 bytes; without the header, none.
    private static long Stored(HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues("Range", out IEnumerable<string>? values)) return 0;
        string text = string.Concat(values);
        int dash = text.LastIndexOf('-');
        return dash >= 0 && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long last) ? last + 1 : 0;
    }

    private static string Condition(bool ifAbsent) => ifAbsent ? "&ifGenerationMatch=0" : "";

    private static ByteArrayContent Describe(string key, string? md5)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new GcsUpload { Name = key, Md5Hash = md5 }, GcsJson.Default.GcsUpload));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        return content;
    }

    private void CheckSize(string key, GcsObject stored, long sent)
    {
        if (stored.Size != sent)
            throw new BucketException(
                BucketErrorKind.Unknown, $"upload {key} to bucket {client.Bucket}: {sent} bytes were sent and the server stored {stored.Size}");
    }
}
