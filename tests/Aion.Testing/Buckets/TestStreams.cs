namespace Aion.Testing;

/// <summary>Base of the source streams below: read-only, without a known length.</summary>
public abstract class SourceStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

public sealed class UnseekableStream(byte[] content) : SourceStream
{
    private int _position;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Odd short reads, as a socket gives them.
        int count = Math.Min(Math.Min(buffer.Length, 7919), content.Length - _position);
        content.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return ValueTask.FromResult(count);
    }
}

/// <summary>Gives some bytes, then fails.</summary>
public sealed class FailingStream(int goodBytes) : SourceStream
{
    private int _left = goodBytes;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0) throw new IOException("source broke");
        int count = Math.Min(buffer.Length, _left);
        _left -= count;
        return ValueTask.FromResult(count);
    }
}

/// <summary>Gives all its bytes, but ends only when the gate opens.</summary>
public sealed class GatedStream(byte[] content, Task gate) : SourceStream
{
    private int _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == content.Length)
        {
            await gate.WaitAsync(cancellationToken);
            return 0;
        }

        int count = Math.Min(buffer.Length, content.Length - _position);
        content.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}

/// <summary>Repeating bytes without a known length; the content is a function of the position, so that a reader can check it anywhere.</summary>
public sealed class PatternStream(long length) : SourceStream
{
    private long _position;

    public static byte At(long position) => (byte)((position * 31) + (position >> 16));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var count = (int)Math.Min(Math.Min(buffer.Length, 100_003), length - _position);
        Span<byte> span = buffer.Span[..count];
        for (var i = 0; i < count; i++) span[i] = At(_position + i);
        _position += count;
        return ValueTask.FromResult(count);
    }
}
