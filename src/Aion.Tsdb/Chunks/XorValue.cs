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
        ulong delta = bits ^ Bits;
        Bits = bits;
        if (delta == 0)
        {
            writer.WriteBits(0, 1);
            return;
        }

        // Five bits hold the count of leading zeros.
        int leading = Math.Min(BitOperations.LeadingZeroCount(delta), 31);
        int trailing = BitOperations.TrailingZeroCount(delta);
        if (_leading != NoWindow && leading >= _leading && trailing >= _trailing)
        {
            writer.WriteBits(0b10, 2);
            writer.WriteBits(delta >> _trailing, 64 - _leading - _trailing);
            return;
        }

        _leading = (byte)leading;
        _trailing = (byte)trailing;
        int significant = 64 - leading - trailing;
        writer.WriteBits(0b11UL << 11 | (ulong)leading << 6 | (ulong)significant & 0x3F, 13);
        writer.WriteBits(delta >> trailing, significant);
    }
}
