using System.Numerics;

namespace Aion.Tsdb;

/// <summary>The XOR code of one stream of doubles: the last value's bits and the window of significant bits (format notes F-6.6).</summary>
internal struct XorValue
{
    private const byte NoWindow = 0xFF;

    private byte _leading;
    private byte _trailing;

    public ulong Bits;

    public readonly int Leading => _leading;

    public readonly int Trailing => _trailing;

    public readonly double Value => BitConverter.UInt64BitsToDouble(Bits);

    /// <summary>A writer's start: no window yet. A reader starts from <c>default</c>, the window of all 64 bits.</summary>
    public static XorValue ForWriting => new() { _leading = NoWindow };

    /// <summary>Takes over from a writer that kept the state itself; a window that is not there yet has 255 leading bits.</summary>
    public void Continue(ulong bits, int leading, int trailing)
    {
        Bits = bits;
        _leading = (byte)leading;
        _trailing = (byte)trailing;
    }

    /// <summary>Reads the code of the next value; a window wider than a word fails the reader.</summary>
    public void Read(ref BitReader reader)
    {
        if (reader.ReadBit()) ReadChanged(ref reader, newWindow: reader.ReadBit());
    }

    /// <summary>Reads the significant bits of a value that is known to differ.</summary>
    public void ReadChanged(ref BitReader reader, bool newWindow)
    {
        if (newWindow)
        {
            var leading = (int)reader.ReadBits(5);
            var significant = (int)reader.ReadBits(6);
            if (significant == 0) significant = 64;
            if (leading + significant > 64)
            {
                reader.Fail();
                return;
            }

            _leading = (byte)leading;
            _trailing = (byte)(64 - leading - significant);
        }

        Bits ^= reader.ReadBits(64 - _leading - _trailing) << _trailing;
    }

    public void Write(BitWriter writer, double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        if (bits == Bits) writer.WriteBits(0, 1);
        else WriteChanged(writer, bits, WindowPrefixes.Xor);
    }

    /// <summary>Writes a value that differs, after the prefix that says whether the window is kept.</summary>
    public void WriteChanged(BitWriter writer, ulong bits, in WindowPrefixes prefixes)
    {
        ulong delta = bits ^ Bits;
        Bits = bits;
        // Five bits hold the count of leading zeros.
        int leading = Math.Min(BitOperations.LeadingZeroCount(delta), 31);
        int trailing = BitOperations.TrailingZeroCount(delta);
        if (_leading != NoWindow && leading >= _leading && trailing >= _trailing)
        {
            Write(writer, prefixes.Keep, prefixes.KeepBits, delta >> _trailing, 64 - _leading - _trailing);
            return;
        }

        _leading = (byte)leading;
        _trailing = (byte)trailing;
        int significant = 64 - leading - trailing;
        ulong head = prefixes.New << 11 | (ulong)leading << 6 | (ulong)significant & 0x3F;
        Write(writer, head, prefixes.NewBits + 11, delta >> trailing, significant);
    }

    /// <summary>Writes a code and the bits behind it, at once where one word holds both.</summary>
    private static void Write(BitWriter writer, ulong code, int codeBits, ulong bits, int count)
    {
        if (codeBits + count < 64)
        {
            writer.WriteBits(code << count | bits, codeBits + count);
            return;
        }

        writer.WriteBits(code, codeBits);
        writer.WriteBits(bits, count);
    }
}

/// <summary>The codes in front of the bits of a changed value: the window is kept, or a new one follows.</summary>
internal readonly record struct WindowPrefixes(ulong Keep, int KeepBits, ulong New, int NewBits)
{
    public static readonly WindowPrefixes Xor = new(0b10, 2, 0b11, 2);

    /// <summary>XOR2, in the value code of its own.</summary>
    public static readonly WindowPrefixes Xor2 = new(0b10, 2, 0b110, 3);

    /// <summary>XOR2, where the joint code has said that the value differs.</summary>
    public static readonly WindowPrefixes Xor2Known = new(0, 1, 1, 1);
}
