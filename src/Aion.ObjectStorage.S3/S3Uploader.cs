using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace Aion.ObjectStorage.S3;

/// <summary>
/// Uploads: what fits one part goes in one request, the rest as a multipart upload, one part at a time, so that a stream of any length
/// needs the memory of one part. Bodies are sent whole and never in AWS's chunked form, which other servers refuse or store as it is.
/// </summary>
internal sealed class S3Uploader(IAmazonS3 client, S3Config config)
{
    private const int MaxParts = 10_000;
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(30);

    /// <param name="ifAbsent">Let the server refuse when the key is taken.</param>
    public async Task UploadAsync(string key, Stream content, bool ifAbsent, CancellationToken cancellationToken)
    {
        if (config.DisableMultipart)
        {
            await UploadWholeAsync(key, content, ifAbsent, cancellationToken);
            return;
        }

        using var part = new PartBuffer(config.PartBytes);
        await part.FillAsync(content, cancellationToken);
        if (part.IsFull) await UploadPartsAsync(key, part, content, ifAbsent, cancellationToken);
        else await PutAsync(key, part.OpenRead(), Md5Of(part.Content.Span), ifAbsent, cancellationToken);
    }

    /// <summary>One request whatever the size: a source of unknown length is written aside first.</summary>
    private async Task UploadWholeAsync(string key, Stream content, bool ifAbsent, CancellationToken cancellationToken)
    {
        if (content.CanSeek)
        {
            await PutRewindableAsync(key, content, ifAbsent, cancellationToken);
            return;
        }

        string path = Path.Combine(Path.GetTempPath(), "aion-upload-" + Guid.NewGuid().ToString("N"));
        await using var spool = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        });
        await content.CopyToAsync(spool, cancellationToken);
        spool.Position = 0;
        await PutRewindableAsync(key, spool, ifAbsent, cancellationToken);
    }

    private async Task PutRewindableAsync(string key, Stream content, bool ifAbsent, CancellationToken cancellationToken)
    {
        long start = content.Position;
        string? md5 = null;
        if (config.SendContentMd5)
        {
#pragma warning disable CA5351 // A check against transfer errors, as S3 defines it.
            md5 = Convert.ToBase64String(await MD5.HashDataAsync(content, cancellationToken));
#pragma warning restore CA5351
            content.Position = start;
        }

        await PutAsync(key, content, md5, ifAbsent, cancellationToken);
    }

    private async Task PutAsync(string key, Stream body, string? md5, bool ifAbsent, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest
        {
            BucketName = config.Bucket,
            Key = key,
            InputStream = body,
            AutoCloseStream = false,
            UseChunkEncoding = false,
            MD5Digest = md5,
            IfNoneMatch = ifAbsent ? "*" : null,
        };
        config.UserMetadata.Apply(request);
        config.Encryption.Apply(request);
        await CallAsync(key, () => client.PutObjectAsync(request, cancellationToken), cancellationToken);
    }

    private async Task UploadPartsAsync(string key, PartBuffer part, Stream content, bool ifAbsent, CancellationToken cancellationToken)
    {
        var initiate = new InitiateMultipartUploadRequest { BucketName = config.Bucket, Key = key };
        config.UserMetadata.Apply(initiate);
        config.Encryption.Apply(initiate);
        string id = (await CallAsync(key, () => client.InitiateMultipartUploadAsync(initiate, cancellationToken), cancellationToken)).UploadId;
        try
        {
            var tags = new List<PartETag>();
            while (part.Length > 0)
            {
                if (tags.Count == MaxParts)
                    throw new BucketException(
                        BucketErrorKind.Unknown,
                        $"upload {key} to bucket {config.Bucket}: longer than {MaxParts} parts of {config.PartBytes} bytes; raise part_size");
                tags.Add(await UploadPartAsync(key, id, tags.Count + 1, part, cancellationToken));
                await part.FillAsync(content, cancellationToken);
            }

            var complete = new CompleteMultipartUploadRequest
            {
                BucketName = config.Bucket,
                Key = key,
                UploadId = id,
                PartETags = tags,
                IfNoneMatch = ifAbsent ? "*" : null,
            };
            await CallAsync(key, () => client.CompleteMultipartUploadAsync(complete, cancellationToken), cancellationToken);
        }
        catch
        {
            await AbortAsync(key, id);
            throw;
        }
    }

    private async Task<PartETag> UploadPartAsync(string key, string id, int number, PartBuffer part, CancellationToken cancellationToken)
    {
        var request = new UploadPartRequest
        {
            BucketName = config.Bucket,
            Key = key,
            UploadId = id,
            PartNumber = number,
            PartSize = part.Length,
            InputStream = part.OpenRead(),
            UseChunkEncoding = false,
            MD5Digest = Md5Of(part.Content.Span),
        };
        config.Encryption.Apply(request);
        UploadPartResponse answer = await CallAsync(key, () => client.UploadPartAsync(request, cancellationToken), cancellationToken);
        return new PartETag(number, answer.ETag);
    }

    /// <summary>Frees the parts: they are invisible but cost. Best effort, since the upload has failed anyway and says why.</summary>
    private async Task AbortAsync(string key, string id)
    {
        using var limit = new CancellationTokenSource(AbortTimeout);
        try
        {
            await client.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest { BucketName = config.Bucket, Key = key, UploadId = id }, limit.Token);
        }
        catch (Exception)
        {
            // The bucket's lifecycle rules take what is left.
        }
    }

    private async Task<T> CallAsync<T>(string key, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw S3Errors.Translate(e, "upload", key, config.Bucket);
        }
    }

    private string? Md5Of(ReadOnlySpan<byte> content)
    {
        if (!config.SendContentMd5) return null;
#pragma warning disable CA5351 // A check against transfer errors, as S3 defines it.
        return Convert.ToBase64String(MD5.HashData(content));
#pragma warning restore CA5351
    }
}
