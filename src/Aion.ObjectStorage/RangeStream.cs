namespace Aion.ObjectStorage;

/// <summary>Reads <c>[offset, offset + length)</c> of a seekable stream that it owns.</summary>
internal sealed class RangeStream : ReadOnlyStream
{
    private readonly FileStream _inner;
    private long _left;

    public RangeStream(FileStream inner, long offset, long length)
    {
        _inner = inner;
        _left = length;
        _inner.Position = offset;
    }

    public override int Read(Span<byte> buffer)
    {
        int read = _inner.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        _left -= read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await _inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inner.Dispose();
        base.Dispose(disposing);
    }
}
