namespace Aion.ObjectStorage;

/// <summary>
/// The body of an answer as an adapter hands it out: read-only, its failures told in the contract's words, at most so many bytes long.
/// Owns the body and the answer it came with.
/// </summary>
/// <param name="translate">Makes a failure into what the contract promises; not asked about cancellation by the reader.</param>
/// <param name="maxBytes">Where the stream ends at the latest: a server may send more than was asked for.</param>
public sealed class AdapterStream(Stream body, IDisposable owner, Func<Exception, Exception> translate, long maxBytes = long.MaxValue) : Stream
{
    private long _left = maxBytes;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            int read = body.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            _left -= read;
            return read;
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
            throw translate(e);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            int read = await body.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= read;
            return read;
        }
        catch (Exception e) when (e is not ObjectDisposedException && !cancellationToken.IsCancellationRequested)
        {
            throw translate(e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            owner.Dispose();
        }

        base.Dispose(disposing);
    }
}
