using System.Text;

namespace Aion.Caching;

/// <summary>Reads lines and blocks of bytes off a connection. Nothing a server says makes it hold more than a line.</summary>
internal sealed class ReplyReader(Stream stream)
{
    /// <summary>Longer than any line of the protocol: a key has at most 250 bytes.</summary>
    private const int MaxLineBytes = 2048;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start, _end;

    /// <summary>True once anything has come back since <see cref="Expect"/>.</summary>
    public bool HasAnswer { get; private set; }

    /// <summary>Nothing is left over from an earlier reply.</summary>
    public bool IsClean => _start == _end;

    public void Expect() => HasAnswer = false;

    /// <summary>The next line without its end.</summary>
    /// <exception cref="CacheException">No such line comes.</exception>
    public async ValueTask<string> LineAsync(CancellationToken cancellationToken)
    {
        int searched = 0;
        while (true)
        {
            int end = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (end >= 0)
            {
                ReadOnlySpan<byte> line = _buffer.AsSpan(_start, searched + end);
                _start += searched + end + 1;
                return Encoding.UTF8.GetString(line.TrimEnd((byte)'\r'));
            }

            searched = _end - _start;
            if (searched > MaxLineBytes) throw new CacheException(CacheFault.Other, "the server sends something that is not memcached's protocol");
            await FillAsync(cancellationToken);
        }
    }

    public async ValueTask ReadAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        int buffered = Math.Min(target.Length, _end - _start);
        _buffer.AsMemory(_start, buffered).CopyTo(target);
        _start += buffered;
        await stream.ReadExactlyAsync(target[buffered..], cancellationToken);
    }

    public async ValueTask SkipAsync(long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (IsClean) await FillAsync(cancellationToken);
            int skipped = (int)Math.Min(count, _end - _start);
            _start += skipped;
            count -= skipped;
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (read == 0) throw new EndOfStreamException("the server closed the connection");
        HasAnswer = true;
        _end += read;
    }
}
