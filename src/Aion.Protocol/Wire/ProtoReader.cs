using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Aion.Protocol;

/// <summary>
/// Reads protobuf fields from one contiguous buffer. Positions are absolute, so that a nested message can be handed out as a slice
/// of the same buffer. Every length is checked against the enclosing message.
/// </summary>
/// <remarks>Format: https://protobuf.dev/programming-guides/encoding/.</remarks>
internal ref struct ProtoReader(ReadOnlySpan<byte> source)
{
    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<byte> _source = source;
    private int _end = source.Length;

    public int Position { get; private set; }

    /// <summary>The next tag (<c>field &lt;&lt; 3 | wire type</c>), or 0 at the end of the current message.</summary>
    public uint ReadTag()
    {
        if (Position >= _end) return 0;
        int start = Position;
        ulong tag = ReadVarint();
        if (tag is 0 or > uint.MaxValue || tag >> 3 == 0) Fail("illegal tag", start);
        return (uint)tag;
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (Position >= _end) Fail("unexpected EOF", Position);
            byte next = _source[Position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        Fail("varint of more than 10 bytes", Position);
        return 0;
    }

    public long ReadInt64() => (long)ReadVarint();

    public int ReadSint32() => (int)ReadSint64();

    public long ReadSint64()
    {
        ulong raw = ReadVarint();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    public double ReadDouble()
    {
        if (_end - Position < sizeof(double)) Fail("unexpected EOF", Position);
        double value = BinaryPrimitives.ReadDoubleLittleEndian(_source[Position..]);
        Position += sizeof(double);
        return value;
    }

    /// <summary>Reads a length-delimited field and returns it as a range of the buffer.</summary>
    public (int Start, int Length) ReadRange()
    {
        int at = Position;
        ulong length = ReadVarint();
        if (length > (ulong)(_end - Position)) Fail("unexpected EOF", at);
        int start = Position;
        Position += (int)length;
        return (start, (int)length);
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        (int start, int length) = ReadRange();
        return _source.Slice(start, length);
    }

    /// <summary>Steps into a nested message; the result goes to <see cref="Leave"/> when its tags are exhausted.</summary>
    public int Enter()
    {
        (int start, int length) = ReadRange();
        int outer = _end;
        Position = start;
        _end = start + length;
        return outer;
    }

    public void Leave(int outerEnd)
    {
        Position = _end;
        _end = outerEnd;
    }

    public readonly bool AtEnd => Position >= _end;

    /// <summary>Skips a field that this version does not know.</summary>
    public void Skip(uint tag) => Skip(tag, 0);

    private void Skip(uint tag, int depth)
    {
        switch (tag & 7)
        {
            case 0:
                ReadVarint();
                break;
            case 1:
                Advance(8);
                break;
            case 2:
                ReadRange();
                break;
            case 3:
                SkipGroup(tag >> 3, depth);
                break;
            case 5:
                Advance(4);
                break;
            default:
                Fail("illegal wire type", Position);
                break;
        }
    }

    private void SkipGroup(uint field, int depth)
    {
        if (depth >= MaxDepth) Fail("groups nested too deeply", Position);
        while (true)
        {
            uint tag = ReadTag();
            if (tag == 0) Fail("unexpected EOF", Position);
            if ((tag & 7) == 4)
            {
                if (tag >> 3 != field) Fail("end of another group", Position);
                return;
            }

            Skip(tag, depth + 1);
        }
    }

    private void Advance(int count)
    {
        if (_end - Position < count) Fail("unexpected EOF", Position);
        Position += count;
    }

    [DoesNotReturn]
    public static void Fail(string problem, int offset) => throw new WireFormatException(problem, offset);
}
