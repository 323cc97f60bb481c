using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Aion.Model;

namespace Aion.Query;

/// <summary>Which characters a JSON text escapes beyond those it must.</summary>
internal enum JsonEscapes
{
    /// <summary>Quotes, backslashes and control characters only: metric labels.</summary>
    Plain,

    /// <summary>Also <c>&lt; &gt; &amp;</c>, U+2028 and U+2029: everything else in an answer.</summary>
    Html,
}

/// <summary>
/// JSON text in the making, in one pooled array that its owner drains from time to time. Numbers and escapes are those of the field
/// byte for byte. Not thread-safe.
/// </summary>
internal sealed class JsonBuffer : IDisposable
{
    private static readonly SearchValues<byte> PlainSpecial = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(i => (byte)i), (byte)'"', (byte)'\\']);
    private static readonly SearchValues<byte> HtmlSpecial =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(i => (byte)i), (byte)'"', (byte)'\\', (byte)'<', (byte)'>', (byte)'&', 0xE2]);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(32 << 10);
    private long _sampleBits;
    private int _sampleAt;
    private int _sampleLength;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Clear()
    {
        Length = 0;
        _sampleLength = 0;
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        Length = 0;
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    public override string ToString() => Encoding.UTF8.GetString(Written.Span);

    /// <summary>Room for at least <paramref name="size"/> bytes; then <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int size)
    {
        if (_buffer.Length - Length < size) Grow(size);
        return _buffer.AsSpan(Length);
    }

    public void Advance(int written) => Length += written;

    public void Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        Length += text.Length;
    }

    public void Raw(byte single)
    {
        Reserve(1)[0] = single;
        Length++;
    }

    /// <summary>Takes back the last byte: a comma after the last of a list.</summary>
    public void DropLast() => Length--;

    public void Quoted(string text, JsonEscapes escapes = JsonEscapes.Html)
    {
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            Quoted(utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, utf8)), escapes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    /// <summary>A JSON string; bytes that are no UTF-8 become U+FFFD.</summary>
    public void Quoted(ReadOnlySpan<byte> utf8, JsonEscapes escapes = JsonEscapes.Html)
    {
        if (!Utf8.IsValid(utf8)) utf8 = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(utf8));
        SearchValues<byte> special = escapes == JsonEscapes.Plain ? PlainSpecial : HtmlSpecial;
        Raw((byte)'"');
        while (true)
        {
            int at = utf8.IndexOfAny(special);
            if (at < 0) break;
            Raw(utf8[..at]);
            int taken = Escape(utf8[at..]);
            utf8 = utf8[(at + taken)..];
        }

        Raw(utf8);
        Raw((byte)'"');
    }

    public void Number(long value)
    {
        Span<byte> target = Reserve(20);
        System.Buffers.Text.Utf8Formatter.TryFormat(value, target, out int written);
        Length += written;
    }

    /// <summary>A plain JSON number in its shortest form; not for sample values, which are strings.</summary>
    public void Number(double value) => Length += GoFloat.FormatSample(value, Reserve(GoFloat.MaxLength));

    /// <summary>A sample value: a number in quotes, with an exponent only where it is tiny or huge.</summary>
    public void Sample(double value)
    {
        Span<byte> target = Reserve(GoFloat.MaxLength + 2);
        long bits = BitConverter.DoubleToInt64Bits(value);
        // Gauges stand still, and so do maxima: the text of the value before is copied as long as it is still here.
        if (bits == _sampleBits && _sampleLength > 0 && _sampleAt + _sampleLength <= Length)
        {
            _buffer.AsSpan(_sampleAt, _sampleLength).CopyTo(target);
            Length += _sampleLength;
            return;
        }

        target[0] = (byte)'"';
        int written = GoFloat.FormatSample(value, target[1..]);
        target[written + 1] = (byte)'"';
        (_sampleBits, _sampleAt, _sampleLength) = (bits, Length, written + 2);
        Length += written + 2;
    }

    /// <summary>A sample time: seconds with no or exactly three decimals.</summary>
    public void Timestamp(long milliseconds) => Length += GoFloat.FormatTimestamp(milliseconds, Reserve(32));

    /// <summary>Writes the escape for the character at the front, and returns how many bytes that character has.</summary>
    private int Escape(ReadOnlySpan<byte> text)
    {
        byte first = text[0];
        switch (first)
        {
            case (byte)'"': Raw("\\\""u8); return 1;
            case (byte)'\\': Raw("\\\\"u8); return 1;
            case (byte)'\n': Raw("\\n"u8); return 1;
            case (byte)'\r': Raw("\\r"u8); return 1;
            case (byte)'\t': Raw("\\t"u8); return 1;
            case 0xE2:
                if (text[1] == 0x80 && text[2] is 0xA8 or 0xA9) Raw(text[2] == 0xA8 ? "\\u2028"u8 : "\\u2029"u8);
                else Raw(text[..3]);
                return 3;
            default:
                Raw("\\u00"u8);
                Raw((byte)"0123456789abcdef"[first >> 4]);
                Raw((byte)"0123456789abcdef"[first & 15]);
                return 1;
        }
    }

    private void Grow(int size)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        byte[] larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(Length + size, _buffer.Length * 2)));
        _buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
