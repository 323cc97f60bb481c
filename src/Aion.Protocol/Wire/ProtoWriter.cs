using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Aion.Protocol;

/// <summary>Writes protobuf fields into a buffer writer. Lengths of nested messages are computed beforehand. Call <see cref="Flush"/> at the end.</summary>
internal ref struct ProtoWriter(IBufferWriter<byte> target)
{
    private const int MinimumSpan = 512;

    private readonly IBufferWriter<byte> _target = target;
    private Span<byte> _span;
    private int _position;

    public static int SizeOfVarint(ulong value) => (Math.Max(1, 64 - BitOperations.LeadingZeroCount(value)) + 6) / 7;

    /// <summary>Bytes of a length-delimited field with a one-byte tag.</summary>
    public static long SizeOfField(long length) => 1 + SizeOfVarint((ulong)length) + length;

    /// <summary>Bytes of an integer field with a one-byte tag; zero is the default and is left out.</summary>
    public static int SizeOfInteger(ulong value) => value == 0 ? 0 : 1 + SizeOfVarint(value);

    public void WriteInteger(byte tag, ulong value)
    {
        if (value == 0) return;
        Room(11);
        _span[_position++] = tag;
        PutVarint(value);
    }

    public void WriteLength(byte tag, long length)
    {
        Room(11);
        _span[_position++] = tag;
        PutVarint((ulong)length);
    }

    public void WriteBytes(byte tag, scoped ReadOnlySpan<byte> bytes)
    {
        WriteLength(tag, bytes.Length);
        WriteRaw(bytes);
    }

    public void WriteDouble(byte tag, double value)
    {
        Room(9);
        _span[_position++] = tag;
        PutDouble(value);
    }

    public void WriteTag(uint tag)
    {
        Room(5);
        PutVarint(tag);
    }

    public void WriteVarint(ulong value)
    {
        Room(10);
        PutVarint(value);
    }

    public void WriteDouble(double value)
    {
        Room(8);
        PutDouble(value);
    }

    public void WriteRaw(scoped ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_position == _span.Length) Room(1);
            int count = Math.Min(bytes.Length, _span.Length - _position);
            bytes[..count].CopyTo(_span[_position..]);
            _position += count;
            bytes = bytes[count..];
        }
    }

    public void Flush()
    {
        if (_position > 0) _target.Advance(_position);
        _position = 0;
        _span = default;
    }

    private void Room(int count)
    {
        if (_span.Length - _position >= count) return;
        Flush();
        _span = _target.GetSpan(Math.Max(count, MinimumSpan));
    }

    private void PutVarint(ulong value)
    {
        while (value >= 0x80)
        {
            _span[_position++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _span[_position++] = (byte)value;
    }

    private void PutDouble(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_span[_position..], value);
        _position += sizeof(double);
    }
}
