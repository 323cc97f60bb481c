using System.Buffers;

namespace Aion.StoreGateway;

/// <summary>
/// Bytes of the index that were read for a moment: in pooled memory, charged to the request, both until this is disposed. Whoever keeps
/// anything of it copies it.
/// </summary>
internal sealed class FetchedRanges(int count, IRequestMemory? memory) : IDisposable
{
    private readonly ReadOnlyMemory<byte>[] _ranges = new ReadOnlyMemory<byte>[count];
    private readonly List<byte[]> _buffers = [];
    private long _charged;

    public int Count => _ranges.Length;

    /// <summary>The bytes of a range; fewer only where the object ends.</summary>
    public ReadOnlyMemory<byte> this[int index]
    {
        get => _ranges[index];
        set => _ranges[index] = value;
    }

    /// <summary>Memory for one part, charged before it is there.</summary>
    public Memory<byte> Rent(int length, string purpose)
    {
        memory?.Charge(length, purpose);
        _charged += length;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        _buffers.Add(buffer);
        return buffer.AsMemory(0, length);
    }

    /// <summary>Takes over the buffers of another; its ranges have been copied here.</summary>
    public void Adopt(FetchedRanges other)
    {
        _buffers.AddRange(other._buffers);
        _charged += other._charged;
        other._buffers.Clear();
        other._charged = 0;
    }

    public void Dispose()
    {
        Array.Clear(_ranges);
        foreach (byte[] buffer in _buffers) ArrayPool<byte>.Shared.Return(buffer);
        _buffers.Clear();
        memory?.Release(_charged);
        _charged = 0;
    }
}
