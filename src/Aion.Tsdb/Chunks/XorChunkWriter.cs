using System.Buffers.Binary;
using System.Numerics;
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

    /// <summary>24 bits of time, 13 of window and 64 of value.</summary>
    private const int MaxSampleBytes = 13;

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

    /// <summary>Appends samples as <see cref="Append"/> does one by one, in a loop that keeps its state in registers.</summary>
    /// <exception cref="InvalidOperationException">The chunk would hold more than <see cref="MaxSamples"/>.</exception>
    // Benchmark compaction, dedup and downsample: encoding is an eighth of both.
    public void AppendRange(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        if (values.Length != times.Length) throw new ArgumentException($"{times.Length} times and {values.Length} values", nameof(values));
        if (times.Length > MaxSamples - Count) throw new InvalidOperationException($"a chunk holds at most {MaxSamples} samples");
        var at = 0;
        while (at < times.Length)
        {
            if (Count >= 2) at += AppendBurst(times[at..], values[at..]);
            // The first two samples, and steps that changed by hours.
            if (at < times.Length) Append(times[at], values[at++]);
        }
    }

    /// <summary>Appends up to the first sample whose time code is too long for the loop; returns how many.</summary>
    private int AppendBurst(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        BitWriter.Burst bits = _bits.Begin(times.Length * MaxSampleBytes);
        ulong previous = _value.Bits, delta = _delta;
        long time = _timeMs;
        int leading = _value.Leading, trailing = _value.Trailing, at = 0;
        for (; at < times.Length; at++)
        {
            var step = unchecked((ulong)(times[at] - time));
            long dod = unchecked((long)(step - delta));
            ulong code = 0;
            var codeBits = 1;
            if (dod != 0 && !TryTimeCode(dod, out code, out codeBits)) break;
            delta = step;
            time = times[at];
            ulong value = BitConverter.DoubleToUInt64Bits(values[at]), changed = value ^ previous;
            previous = value;
            if (changed == 0)
            {
                bits.Write(code << 1, codeBits + 1);
                continue;
            }

            int zerosBefore = Math.Min(BitOperations.LeadingZeroCount(changed), 31), zerosBehind = BitOperations.TrailingZeroCount(changed);
            if (leading <= zerosBefore && trailing <= zerosBehind)
            {
                code = code << 2 | 0b10;
                codeBits += 2;
            }
            else
            {
                (leading, trailing) = (zerosBefore, zerosBehind);
                code = code << 13 | 0b11UL << 11 | (ulong)leading << 6 | (ulong)(64 - leading - trailing) & 0x3F;
                codeBits += 13;
            }

            int significant = 64 - leading - trailing;
            changed >>= trailing;
            if (codeBits + significant < 64)
            {
                bits.Write(code << significant | changed, codeBits + significant);
                continue;
            }

            bits.Write(code, codeBits);
            bits.Write(changed >> 1, significant - 1);
            bits.Write(changed & 1, 1);
        }

        _bits.End(bits);
        _value.Continue(previous, leading, trailing);
        (_delta, _timeMs) = (delta, time);
        Count += at;
        return at;
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

    private static bool TryTimeCode(long dod, out ulong code, out int bits)
    {
        if (BitWriter.FitsIn(dod, 14)) (code, bits) = (0b10UL << 14 | (ulong)dod & 0x3FFF, 16);
        else if (BitWriter.FitsIn(dod, 17)) (code, bits) = (0b110UL << 17 | (ulong)dod & 0x1FFFF, 20);
        else if (BitWriter.FitsIn(dod, 20)) (code, bits) = (0b1110UL << 20 | (ulong)dod & 0xFFFFF, 24);
        else (code, bits) = (0, 0);
        return bits != 0;
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
