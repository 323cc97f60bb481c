using System.Buffers.Binary;

namespace Aion.Tsdb;

/// <summary>
/// Reads bytes, big-endian numbers and varints forward over a span. The first read that does not fit sets <see cref="Failed"/> and stays:
/// all later reads give zero or empty, so a caller checks once after a group of reads, and inside every loop.
/// </summary>
public ref struct ByteCursor
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    public ByteCursor(ReadOnlySpan<byte> bytes, int position = 0)
    {
        _bytes = bytes;
        _position = Math.Clamp(position, 0, bytes.Length);
        Failed = position != _position;
    }

    /// <summary>A read went past the end, or a varint was longer than its type.</summary>
    public bool Failed { get; private set; }

    public readonly int Position => _position;

    /// <summary>Bytes left; 0 after a failure.</summary>
    public readonly int Remaining => Failed ? 0 : _bytes.Length - _position;

    public byte ReadByte()
    {
        if (Failed || _position >= _bytes.Length) return (byte)Fail();
        return _bytes[_position++];
    }

    public uint ReadUInt32()
    {
        ReadOnlySpan<byte> bytes = ReadBytes(sizeof(uint));
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public ulong ReadUInt64()
    {
        ReadOnlySpan<byte> bytes = ReadBytes(sizeof(ulong));
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <summary>LEB128, at most ten bytes.</summary>
    public ulong ReadUVarint()
    {
        if (Failed) return 0;
        ulong value = 0;
        int at = _position;
        for (var shift = 0; shift < 70 && at < _bytes.Length; shift += 7)
        {
            byte b = _bytes[at++];
            if (b < 0x80)
            {
                if (shift == 63 && b > 1) break;
                _position = at;
                return value | (ulong)b << shift;
            }

            value |= (ulong)(b & 0x7F) << shift;
        }

        return Fail();
    }

    public uint ReadUVarint32()
    {
        int start = _position;
        ulong value = ReadUVarint();
        if (value <= uint.MaxValue) return (uint)value;
        _position = start;
        return (uint)Fail();
    }

    /// <summary>Zig-zag, then LEB128.</summary>
    public long ReadVarint()
    {
        ulong value = ReadUVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>The next bytes, a slice of the source; empty when fewer are left.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (Failed || count < 0 || count > _bytes.Length - _position)
        {
            Fail();
            return default;
        }

        ReadOnlySpan<byte> bytes = _bytes.Slice(_position, count);
        _position += count;
        return bytes;
    }

    /// <summary>A uvarint length and that many bytes.</summary>
    public ReadOnlySpan<byte> ReadText()
    {
        ulong length = ReadUVarint();
        if (length <= int.MaxValue) return ReadBytes((int)length);
        Fail();
        return default;
    }

    private ulong Fail()
    {
        Failed = true;
        return 0;
    }
}
