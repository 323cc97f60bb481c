namespace Aion.StoreGateway;

/// <summary>Several byte strings read as one stream.</summary>
/// <param name="skip">Bytes to leave out at the front.</param>
/// <param name="length">Bytes to give.</param>
internal sealed class PiecesStream(byte[]?[] pieces, long skip, long length) : Stream
{
    private int _piece;
    private int _at = (int)skip;
    private long _left = length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var done = 0;
        while (done < buffer.Length && _left > 0)
        {
            byte[] piece = pieces[_piece]!;
            int count = (int)Math.Min(Math.Min(piece.Length - _at, buffer.Length - done), _left);
            piece.AsSpan(_at, count).CopyTo(buffer[done..]);
            done += count;
            _left -= count;
            _at += count;
            if (_at < piece.Length) continue;
            _piece++;
            _at = 0;
        }

        return done;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
