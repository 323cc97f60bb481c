using System.Buffers;

namespace Aion.ObjectStorage;

/// <summary>Short forms over <see cref="IBucket"/>.</summary>
public static class BucketExtensions
{
    public static Task UploadAsync(this IBucket bucket, string key, Stream content, CancellationToken cancellationToken) =>
        bucket.UploadAsync(key, content, UploadCondition.None, cancellationToken);

    public static async Task UploadAsync(this IBucket bucket, string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        await bucket.UploadAsync(key, stream, UploadCondition.None, cancellationToken);
    }

    /// <summary>The whole object in memory, or null when it is absent.</summary>
    /// <exception cref="BucketException">It is longer than <paramref name="maxBytes"/>.</exception>
    public static async Task<byte[]?> TryReadAllAsync(this IBucket bucket, string key, int maxBytes, CancellationToken cancellationToken)
    {
        Stream? stream = await bucket.TryGetAsync(key, cancellationToken);
        if (stream is null) return null;
        await using (stream)
        {
            return await ReadAllAsync(bucket, key, stream, maxBytes, cancellationToken);
        }
    }

    /// <summary>The whole object in memory.</summary>
    /// <exception cref="BucketException">It is absent, or longer than <paramref name="maxBytes"/>.</exception>
    public static async Task<byte[]> ReadAllAsync(this IBucket bucket, string key, int maxBytes, CancellationToken cancellationToken)
    {
        await using Stream stream = await bucket.GetAsync(key, cancellationToken);
        return await ReadAllAsync(bucket, key, stream, maxBytes, cancellationToken);
    }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on.</summary>
    /// <returns>Bytes read; fewer than asked only where the object ends.</returns>
    public static async Task<int> ReadRangeAsync(
        this IBucket bucket, string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (destination.IsEmpty) return 0;
        await using Stream stream = await bucket.GetRangeAsync(key, offset, destination.Length, cancellationToken);
        return await stream.ReadAtLeastAsync(destination, destination.Length, throwOnEndOfStream: false, cancellationToken);
    }

    private static async Task<byte[]> ReadAllAsync(IBucket bucket, string key, Stream stream, int maxBytes, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            using var buffer = new MemoryStream();
            while (true)
            {
                int read = await stream.ReadAsync(block, cancellationToken);
                if (read == 0) return buffer.ToArray();
                if (buffer.Length + read > maxBytes)
                    throw new BucketException(BucketErrorKind.Unknown, $"object {key} in bucket {bucket.Name} is longer than the {maxBytes} bytes such an object may have");
                buffer.Write(block, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
