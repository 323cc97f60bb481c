using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Aion.Tsdb;

/// <summary>
/// Reads bits, most significant first, through a 64-bit window. A read past the end sets <see cref="Failed"/>, which stays; all reads
/// then give zero, so callers check once a sample and inside every loop.
/// </summary>
internal ref struct BitReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private long _position;

    public BitReader(ReadOnlySpan<byte> bytes, long bitPosition = 0)
    {
        _bytes = bytes;
        _position = bitPosition;
        Failed = bitPosition > EndBits;
    }

    public bool Failed { get; private set; }

    /// <summary>Bits read so far, from the start of the span.</summary>
    public readonly long Position => _position;

    public readonly long RemainingBits => EndBits - _position;

    private readonly long EndBits => (long)_bytes.Length * 8;

    public bool ReadBit() => ReadBits(1) != 0;

    /// <param name="count">0 … 64.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadBits(int count)
    {
        // A window at an odd bit holds 57 bits for sure.
        if (count > 57)
        {
            ulong high = ReadBits(count - 32);
            return high << 32 | ReadBits(32);
        }

        if (count == 0) return 0;
        ulong value = Window() >> (64 - count);
        Skip(count);
        return Failed ? 0 : value;
    }

    /// <summary>A prefix code: how many ones come first, at most <paramref name="max"/>; eats them and the zero that ends them.</summary>
    public int ReadOnes(int max)
    {
        int ones = Math.Min(BitOperations.LeadingZeroCount(~Window()), max);
        Skip(ones < max ? ones + 1 : max);
        return Failed ? 0 : ones;
    }

    /// <summary>Signed varbit integer; the top of each range is the positive power of two (the format's asymmetry).</summary>
    public long ReadVarbitInt()
    {
        int width = VarbitWidths[ReadOnes(8)];
        if (width == 64) return (long)ReadBits(64);
        ulong bits = ReadBits(width);
        return width > 0 && bits > 1UL << (width - 1) ? (long)bits - (1L << width) : (long)bits;
    }

    public ulong ReadVarbitUInt() => ReadBits(VarbitWidths[ReadOnes(8)]);

    /// <summary>A byte-wise varint at any bit position.</summary>
    public long ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            ulong b = ReadBits(8);
            if (Failed || (shift == 63 && b > 1)) break;
            value |= (b & 0x7F) << shift;
            if (b < 0x80) return (long)(value >> 1) ^ -(long)(value & 1);
        }

        return (long)Fail();
    }

    public ulong ReadUVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            ulong b = ReadBits(8);
            if (Failed || (shift == 63 && b > 1)) break;
            value |= (b & 0x7F) << shift;
            if (b < 0x80) return value;
        }

        return Fail();
    }

    public ulong Fail()
    {
        Failed = true;
        _position = EndBits;
        return 0;
    }

    private static ReadOnlySpan<byte> VarbitWidths => [0, 3, 6, 9, 12, 18, 25, 56, 64];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ulong Window()
    {
        var index = (int)(_position >> 3);
        ulong window = index <= _bytes.Length - sizeof(ulong)
            ? BinaryPrimitives.ReadUInt64BigEndian(_bytes[index..])
            : Tail(index);
        return window << (int)(_position & 7);
    }

    private readonly ulong Tail(int index)
    {
        ulong window = 0;
        for (var i = 0; i < sizeof(ulong); i++)
            window = window << 8 | (index + i < _bytes.Length ? _bytes[index + i] : 0u);
        return window;
    }

    private void Skip(int count)
    {
        if (count > EndBits - _position) Fail();
        else _position += count;
    }
}
