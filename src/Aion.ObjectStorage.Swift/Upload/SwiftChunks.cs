using System.Buffers;
using System.Net;
using System.Security.Cryptography;

namespace Aion.ObjectStorage.Swift;

/// <summary>A stretch of an upload that goes in one request and can be sent again.</summary>
/// <param name="Source">Seekable; not disposed with this.</param>
/// <param name="Md5">In lower-case hex, as Swift's tags are.</param>
internal sealed record SwiftChunk(Stream Source, long Start, long Length, string Md5);

/// <summary>
/// Cuts a stream into chunks. A seekable one is read where it lies, twice: for the checksum and to be sent. Of any other, what fits 8 MiB is
/// kept in memory and larger chunks in a temporary file, one at a time.
/// </summary>
internal sealed class SwiftChunks(Stream content, long chunkBytes) : IDisposable
{
    private const int MemoryBytes = 8 * 1024 * 1024;
    private const int CopyBytes = 128 * 1024;

    private readonly PartBuffer _memory = new((int)Math.Min(chunkBytes, MemoryBytes));
    private readonly long _start = content.CanSeek ? content.Position : 0;
    private FileStream? _spool;
    private long _taken;

    /// <summary>The next chunk, valid until the one after it is asked for; shorter than the rest where the content ends, empty behind that.</summary>
    public async Task<SwiftChunk> NextAsync(CancellationToken cancellationToken)
    {
        if (content.CanSeek)
        {
            long start = _start + _taken;
            long length = Math.Clamp(content.Length - start, 0, chunkBytes);
            _taken += length;
            return await HashedAsync(content, start, length, cancellationToken);
        }

        await _memory.FillAsync(content, cancellationToken);
        if (_memory.IsFull && chunkBytes > MemoryBytes) return await SpoolAsync(cancellationToken);
#pragma warning disable CA5351 // Swift's own checksum, against transfer errors.
        return new SwiftChunk(_memory.OpenRead(), 0, _memory.Length, Convert.ToHexStringLower(MD5.HashData(_memory.Content.Span)));
#pragma warning restore CA5351
    }

    public void Dispose()
    {
        _memory.Dispose();
        _spool?.Dispose();
    }

    /// <exception cref="IOException">The source got shorter since its length was taken.</exception>
    public static async Task CopyAsync(SwiftChunk chunk, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink, CancellationToken cancellationToken)
    {
        chunk.Source.Position = chunk.Start;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            for (long left = chunk.Length; left > 0;)
            {
                int read = await chunk.Source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken);
                if (read == 0) throw new IOException($"the source of the upload ended {left} bytes early");
                left -= read;
                await sink(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<SwiftChunk> SpoolAsync(CancellationToken cancellationToken)
    {
        _spool ??= new FileStream(
            Path.Combine(Path.GetTempPath(), "aion-upload-" + Guid.NewGuid().ToString("N")),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous });
        _spool.SetLength(0);
        _spool.Position = 0;
        await _spool.WriteAsync(_memory.Content, cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            while (_spool.Position < chunkBytes)
            {
                int read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, chunkBytes - _spool.Position)), cancellationToken);
                if (read == 0) break;
                await _spool.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return await HashedAsync(_spool, 0, _spool.Position, cancellationToken);
    }

    private static async Task<SwiftChunk> HashedAsync(Stream source, long start, long length, CancellationToken cancellationToken)
    {
#pragma warning disable CA5351 // Swift's own checksum, against transfer errors.
        using IncrementalHash md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        var chunk = new SwiftChunk(source, start, length, "");
        await CopyAsync(
            chunk,
            (bytes, _) =>
            {
                md5.AppendData(bytes.Span);
                return ValueTask.CompletedTask;
            },
            cancellationToken);
        return chunk with { Md5 = Convert.ToHexStringLower(md5.GetHashAndReset()) };
    }
}

/// <summary>A chunk as a request's body.</summary>
internal sealed class SwiftChunkContent(SwiftChunk chunk) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        SwiftChunks.CopyAsync(chunk, (bytes, token) => stream.WriteAsync(bytes, token), cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = chunk.Length;
        return true;
    }
}
