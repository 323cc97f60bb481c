using System.Buffers.Binary;
using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>Encodes float samples with start timestamps into one XOR2 chunk (format notes F-6.27 … F-6.31). Not thread-safe.</summary>
public sealed class Xor2ChunkWriter
{
    public const int MaxSamples = ushort.MaxValue;

    private const int HeaderBytes = 3;

    private readonly BitWriter _bits = new();
    private StartTimeWriter _start;

    // The last value that is no stale marker: what values are coded against.
    private XorValue _baseline = XorValue.ForWriting;
    private long _timeMs;
    private long _delta;

    public int Count { get; private set; }

    public int SizeBytes => HeaderBytes + _bits.SizeBytes;

    /// <param name="startMs">Start timestamp; 0 = unknown.</param>
    /// <exception cref="InvalidOperationException">The chunk holds <see cref="MaxSamples"/> already.</exception>
    public void Append(long timestampMs, double value, long startMs = 0)
    {
        if (Count == MaxSamples) throw new InvalidOperationException($"a chunk holds at most {MaxSamples} samples");
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        if (Count == 0)
        {
            _bits.WriteVarint(timestampMs);
            _bits.WriteBits(bits, 64);
            _baseline.Bits = bits == StaleMarker.Bits ? 0 : bits;
            _start.WriteFirst(_bits, timestampMs, startMs);
        }
        else
        {
            long delta = unchecked(timestampMs - _timeMs);
            if (Count == 1)
            {
                _bits.WriteUVarint((ulong)delta);
                WriteValue(bits);
            }
            else
            {
                WriteJoint(unchecked(delta - _delta), bits);
            }

            _start.WriteNext(_bits, Count, _timeMs, startMs);
            _delta = delta;
        }

        _timeMs = timestampMs;
        Count++;
    }

    /// <summary>A copy of the chunk as it is now; appending may go on.</summary>
    public Chunk ToChunk()
    {
        var data = new byte[SizeBytes];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)Count);
        data[2] = _start.Header;
        _bits.CopyTo(data.AsSpan(HeaderBytes));
        return new Chunk(ChunkEncoding.Xor2, data);
    }

    private void WriteJoint(long dod, ulong bits)
    {
        if (dod == 0)
        {
            if (bits == StaleMarker.Bits)
            {
                _bits.WriteBits(0b11111, 5);
            }
            else if (bits == _baseline.Bits)
            {
                _bits.WriteBits(0, 1);
            }
            else
            {
                _bits.WriteBits(0b10, 2);
                _baseline.WriteChanged(_bits, bits, WindowPrefixes.Xor2Known);
            }

            return;
        }

        if (dod is >= -(1 << 12) and < 1 << 12)
        {
            _bits.WriteBits(0b110UL << 13 | (ulong)dod & 0x1FFF, 16);
        }
        else if (dod is >= -(1 << 19) and < 1 << 19)
        {
            _bits.WriteBits(0b1110UL << 20 | (ulong)dod & 0xFFFFF, 24);
        }
        else
        {
            _bits.WriteBits(0b11110, 5);
            _bits.WriteBits((ulong)dod, 64);
        }

        WriteValue(bits);
    }

    private void WriteValue(ulong bits)
    {
        if (bits == StaleMarker.Bits) _bits.WriteBits(0b111, 3);
        else if (bits == _baseline.Bits) _bits.WriteBits(0, 1);
        else _baseline.WriteChanged(_bits, bits, WindowPrefixes.Xor2);
    }
}
