namespace Aion.ObjectStorage;

/// <summary>
/// The body of an answer as an adapter hands it out: read-only, its failures told in the contract's words, at most so many bytes long.
/// Owns the body and the answer it came with.
/// </summary>
/// <param name="translate">Makes a failure into what the contract promises; not asked about cancellation by the reader.</param>
/// <param name="maxBytes">Where the stream ends at the latest: a server may send more than was asked for.</param>
public sealed class AdapterStream(Stream body, IDisposable owner, Func<Exception, Exception> translate, long maxBytes = long.MaxValue) : ReadOnlyStream
{
    private long _left = maxBytes;

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
