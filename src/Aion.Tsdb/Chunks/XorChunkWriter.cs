using System.Buffers.Binary;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>
/// Encodes float samples into one XOR chunk (format notes F-6.4 … F-6.6). Reusable after <see cref="Clear"/>; not thread-safe.
/// </summary>
public sealed class XorChunkWriter
{
    /// <summary>The sample count has 16 bits.</summary>
    public const int MaxSamples = ushort.MaxValue;

    private const int HeaderBytes = 2;

    private readonly BitWriter _bits = new();
    private XorValue _value = XorValue.ForWriting;
    private long _timeMs;
    private ulong _delta;

    public int Count { get; private set; }

    /// <summary>Size of the chunk's data so far.</summary>
    public int SizeBytes => HeaderBytes + _bits.SizeBytes;

    /// <exception cref="InvalidOperationException">The chunk holds <see cref="MaxSamples"/> already.</exception>
    public void Append(long timestampMs, double value)
    {
        if (Count == MaxSamples) throw new InvalidOperationException($"a chunk holds at most {MaxSamples} samples");
        if (Count == 0)
        {
            _bits.WriteVarint(timestampMs);
            _value.Bits = BitConverter.DoubleToUInt64Bits(value);
            _bits.WriteBits(_value.Bits, 64);
        }
        else
        {
            var delta = unchecked((ulong)(timestampMs - _timeMs));
            if (Count == 1) _bits.WriteUVarint(delta);
            else WriteDeltaOfDelta(unchecked((long)(delta - _delta)));
            _value.Write(_bits, value);
            _delta = delta;
        }

        _timeMs = timestampMs;
        Count++;
    }

    /// <summary>A copy of the chunk as it is now; appending may go on.</summary>
    public Chunk ToChunk()
    {
        var data = new byte[SizeBytes];
        CopyTo(data);
        return new Chunk(ChunkEncoding.Xor, data);
    }

    /// <summary>Copies the chunk's data as it is now; <paramref name="target"/> holds <see cref="SizeBytes"/>.</summary>
    public void CopyTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)Count);
        _bits.CopyTo(target[HeaderBytes..]);
    }

    public void Clear()
    {
        _bits.Clear();
        _value = XorValue.ForWriting;
        Count = 0;
    }

    private void WriteDeltaOfDelta(long dod)
    {
        if (dod == 0)
        {
            _bits.WriteBits(0, 1);
        }
        else if (BitWriter.FitsIn(dod, 14))
        {
            _bits.WriteBits(0b10UL << 14 | (ulong)dod & 0x3FFF, 16);
        }
        else if (BitWriter.FitsIn(dod, 17))
        {
            _bits.WriteBits(0b110UL << 17 | (ulong)dod & 0x1FFFF, 20);
        }
        else if (BitWriter.FitsIn(dod, 20))
        {
            _bits.WriteBits(0b1110UL << 20 | (ulong)dod & 0xFFFFF, 24);
        }
        else
        {
            _bits.WriteBits(0b1111, 4);
            _bits.WriteBits((ulong)dod, 64);
        }
    }
}
