namespace Aion.ObjectStorage;

/// <summary>
/// A read-only view of a stream that counts what was read, once also where it is read again; disposes the stream only where a subclass owns it.
/// </summary>
internal class CountingStream(Stream source) : Stream
{
    // Relative to where the stream stood at first.
    private long _at;

    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => source.CanSeek;

    public override bool CanWrite => false;

    public override long Length => source.Length;

    public override long Position
    {
        get => source.Position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            int read = source.Read(buffer);
            Count(read);
            return read;
        }
        catch (Exception e)
        {
            OnFailed(e);
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            int read = await source.ReadAsync(buffer, cancellationToken);
            Count(read);
            return read;
        }
        catch (Exception e)
        {
            OnFailed(e);
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        long before = source.Position;
        long after = source.Seek(offset, origin);
        _at += after - before;
        return after;
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Count(int read)
    {
        _at += read;
        BytesRead = Math.Max(BytesRead, _at);
    }

    protected virtual void OnFailed(Exception cause)
    {
    }

    /// <summary>Called once the reader is done; a subclass that owns the source overrides this and is disposed with it.</summary>
    protected virtual void OnDisposed()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && GetType() != typeof(CountingStream))
        {
            source.Dispose();
            OnDisposed();
        }

        base.Dispose(disposing);
    }
}
