using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Aion.Tsdb;

/// <summary>Appends bits, most significant first, to a buffer that grows. Not thread-safe.</summary>
internal sealed class BitWriter
{
    private byte[] _bytes = new byte[256];
    private int _length;

    // Bits not yet in _bytes: the low _pending (< 64) bits; all others are zero.
    private ulong _accumulator;
    private int _pending;

    public int SizeBytes => _length + (_pending + 7) / 8;

    public void Clear()
    {
        _length = 0;
        _accumulator = 0;
        _pending = 0;
    }

    public void WriteBit(bool bit) => WriteBits(bit ? 1UL : 0, 1);

    /// <summary>Writes the low <paramref name="count"/> (0 … 64) bits.</summary>
    // Inlined, since encoding chunks is little else: benchmark compaction, dedup and downsample.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteBits(ulong value, int count)
    {
        if (count < 64) value &= (1UL << count) - 1;
        int pending = _pending + count;
        if (pending < 64)
        {
            _accumulator = _accumulator << count | value;
            _pending = pending;
            return;
        }

        WriteFull(value, pending - 64);
    }

    /// <summary>Signed varbit integer, the twin of <see cref="BitReader.ReadVarbitInt"/>.</summary>
    public void WriteVarbitInt(long value)
    {
        if (value == 0) WriteBits(0, 1);
        else if (FitsIn(value, 3)) WriteBits(0b10UL << 3 | (ulong)value & 0x7, 5);
        else if (FitsIn(value, 6)) WriteBits(0b110UL << 6 | (ulong)value & 0x3F, 9);
        else if (FitsIn(value, 9)) WriteBits(0b1110UL << 9 | (ulong)value & 0x1FF, 13);
        else if (FitsIn(value, 12)) WriteBits(0b11110UL << 12 | (ulong)value & 0xFFF, 17);
        else if (FitsIn(value, 18)) WriteBits(0b111110UL << 18 | (ulong)value & 0x3FFFF, 24);
        else if (FitsIn(value, 25)) WriteBits(0b1111110UL << 25 | (ulong)value & 0x1FFFFFF, 32);
        else if (FitsIn(value, 56)) WriteBits(0b11111110UL << 56 | (ulong)value & 0xFFFFFFFFFFFFFF, 64);
        else
        {
            WriteBits(0xFF, 8);
            WriteBits((ulong)value, 64);
        }
    }

    public void WriteVarbitUInt(ulong value)
    {
        if (value == 0) WriteBits(0, 1);
        else if (value < 1UL << 3) WriteBits(0b10UL << 3 | value, 5);
        else if (value < 1UL << 6) WriteBits(0b110UL << 6 | value, 9);
        else if (value < 1UL << 9) WriteBits(0b1110UL << 9 | value, 13);
        else if (value < 1UL << 12) WriteBits(0b11110UL << 12 | value, 17);
        else if (value < 1UL << 18) WriteBits(0b111110UL << 18 | value, 24);
        else if (value < 1UL << 25) WriteBits(0b1111110UL << 25 | value, 32);
        else if (value < 1UL << 56) WriteBits(0b11111110UL << 56 | value, 64);
        else
        {
            WriteBits(0xFF, 8);
            WriteBits(value, 64);
        }
    }

    public void WriteUVarint(ulong value)
    {
        while (value >= 0x80)
        {
            WriteBits(value & 0x7F | 0x80, 8);
            value >>= 7;
        }

        WriteBits(value, 8);
    }

    public void WriteVarint(long value) => WriteUVarint((ulong)(value << 1) ^ (ulong)(value >> 63));

    /// <summary>
    /// A writer whose state is in registers, for loops that know how much they write at most; give it to <see cref="End"/>, and use nothing
    /// else meanwhile.
    /// </summary>
    public Burst Begin(int mostBytes)
    {
        // A word more: whole ones are stored.
        int needed = checked(_length + mostBytes + (2 * sizeof(ulong)));
        if (needed > _bytes.Length) Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        return new Burst { Bytes = _bytes.AsSpan(_length), Accumulator = _accumulator, Pending = _pending };
    }

    public void End(in Burst burst)
    {
        _length += burst.Length;
        _accumulator = burst.Accumulator;
        _pending = burst.Pending;
    }

    /// <param name="over">Bits that do not fit the word, 0 … 63.</param>
    private void WriteFull(ulong value, int over)
    {
        ulong full = (_pending == 0 ? 0 : _accumulator << (64 - _pending)) | value >> over;
        if (_length + sizeof(ulong) > _bytes.Length) Array.Resize(ref _bytes, _bytes.Length * 2);
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(_length), full);
        _length += sizeof(ulong);
        _pending = over;
        _accumulator = over == 0 ? 0 : value & ((1UL << over) - 1);
    }

    /// <summary>
    /// Copies what was written, the last byte filled with zero bits; writing may go on. <paramref name="target"/> holds <see
    /// cref="SizeBytes"/>.
    /// </summary>
    public void CopyTo(Span<byte> target)
    {
        _bytes.AsSpan(0, _length).CopyTo(target);
        if (_pending == 0) return;
        Span<byte> tail = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(tail, _accumulator << (64 - _pending));
        tail[..((_pending + 7) / 8)].CopyTo(target[_length..]);
    }

    /// <summary>Whether a value fits the format's lopsided range of <paramref name="bits"/> bits, −(2^(n−1)−1) … 2^(n−1).</summary>
    public static bool FitsIn(long value, int bits) => -((1L << (bits - 1)) - 1) <= value && value <= 1L << (bits - 1);

    /// <summary>See <see cref="Begin"/>.</summary>
    public ref struct Burst
    {
        public Span<byte> Bytes;
        public int Length;
        public ulong Accumulator;
        public int Pending;

        /// <summary>Writes the low <paramref name="count"/> (1 … 63) bits; all others are zero.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Write(ulong value, int count)
        {
            int over = Pending + count - 64;
            if (over < 0)
            {
                Accumulator = Accumulator << count | value;
                Pending += count;
                return;
            }

            // Pending is not 0 here, so the shift is below 64.
            BinaryPrimitives.WriteUInt64BigEndian(Bytes[Length..], Accumulator << (64 - Pending) | value >> over);
            Length += sizeof(ulong);
            Pending = over;
            Accumulator = value & ((1UL << over) - 1);
        }
    }
}
