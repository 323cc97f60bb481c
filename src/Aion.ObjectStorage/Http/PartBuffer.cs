using System.Buffers;

namespace Aion.ObjectStorage;

/// <summary>
/// One part of an upload in memory, so that it can be hashed and sent again. Grows with what arrives up to the part's size and comes from
/// the pool; the holder disposes it.
/// </summary>
public sealed class PartBuffer(int partBytes) : IDisposable
{
    private const int FirstBytes = 64 * 1024;

    private byte[] _buffer = [];

    public int Length { get; private set; }

    public bool IsFull => Length == partBytes;

    public ReadOnlyMemory<byte> Content => _buffer.AsMemory(0, Length);

    /// <summary>A view of the content, valid until the next fill.</summary>
    public MemoryStream OpenRead() => new(_buffer, 0, Length, writable: false);

    /// <summary>Replaces the content by the next bytes of the source: a full part, or what is left of it.</summary>
    public async Task FillAsync(Stream source, CancellationToken cancellationToken)
    {
        Length = 0;
        while (Length < partBytes)
        {
            if (Length == _buffer.Length) Grow();
            int read = await source.ReadAsync(_buffer.AsMemory(Length, Math.Min(_buffer.Length, partBytes) - Length), cancellationToken);
            if (read == 0) return;
            Length += read;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        Length = 0;
    }

    private void Grow()
    {
        long wanted = Math.Min(partBytes, Math.Max(FirstBytes, 2L * _buffer.Length));
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)wanted);
        _buffer.AsSpan(0, Length).CopyTo(larger);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
