using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Aion.Model;

/// <summary>
/// Doubles as text, as Go's strconv prints and reads them: the shortest digits that read back to the same bits.
/// </summary>
/// <remarks>
/// Not-a-number is <c>NaN</c> whatever its payload; infinities are <c>+Inf</c> and <c>-Inf</c>; negative zero keeps its sign.
/// The span forms write UTF-8, do not allocate, and need room for <see cref="MaxLength"/> bytes.
/// </remarks>
public static partial class GoFloat
{
    /// <summary>The longest text any form can have (plain form of a tiny normal number).</summary>
    public const int MaxLength = 352;

    // The digits of a significand; an exact whole number may end in zeros.
    private const int MaxDigits = 20;
    private const int GeneralExponentLimit = 6;

    /// <summary>Form <c>'f'</c>: plain decimal, never an exponent. How PromQL prints numbers.</summary>
    public static int FormatPlain(double value, Span<byte> target)
    {
        if (TryFormatSimple(value, target, out int length)) return length;
        if (TryFormatFewDecimals(value, target, out length)) return length;
        Span<byte> digits = stackalloc byte[MaxDigits];
        var decomposed = Decompose(value, digits);
        return WritePlain(decomposed, digits, target);
    }

    /// <summary>Form <c>'e'</c>: <c>d.ddde±dd</c>.</summary>
    public static int FormatExponent(double value, Span<byte> target)
    {
        if (TryFormatSpecial(value, target, out int length)) return length;
        Span<byte> digits = stackalloc byte[MaxDigits];
        var decomposed = Decompose(value, digits);
        return WriteExponent(decomposed, digits, target);
    }

    /// <summary>Form <c>'g'</c> (and Go's <c>%g</c>, <c>%v</c>): exponent below 1e-4 and from 1e6, as annotations and histograms print.</summary>
    public static int FormatGeneral(double value, Span<byte> target)
    {
        if (TryFormatSpecial(value, target, out int length)) return length;
        Span<byte> digits = stackalloc byte[MaxDigits];
        var decomposed = Decompose(value, digits);
        int exponent = decomposed.Point - 1;
        return exponent is < -4 or >= GeneralExponentLimit
            ? WriteExponent(decomposed, digits, target)
            : WritePlain(decomposed, digits, target);
    }

    /// <summary>A sample value of the HTTP API, without the quotes: plain, but an exponent below 1e-6 and from 1e21.</summary>
    public static int FormatSample(double value, Span<byte> target)
    {
        if (TryFormatSimple(value, target, out int length)) return length;
        if (TryFormatFewDecimals(value, target, out length)) return length;
        Span<byte> digits = stackalloc byte[MaxDigits];
        var decomposed = Decompose(value, digits);
        double magnitude = Math.Abs(value);
        return magnitude is (> 0 and < 1e-6) or >= 1e21
            ? WriteExponent(decomposed, digits, target)
            : WritePlain(decomposed, digits, target);
    }

    /// <summary>A sample timestamp of the HTTP API: seconds, with no fraction or exactly three digits.</summary>
    public static int FormatTimestamp(long milliseconds, Span<byte> target)
    {
        ulong magnitude = Magnitude(milliseconds);
        var length = 0;
        if (milliseconds < 0) target[length++] = (byte)'-';
        ulong seconds = magnitude / 1000;
        if (!Utf8Formatter.TryFormat(seconds, target[length..], out int written)) ThrowTooSmall(target.Length);
        length += written;
        var rest = (uint)(magnitude - (seconds * 1000));
        if (rest == 0) return length;
        target[length] = (byte)'.';
        target[length + 1] = (byte)('0' + (rest / 100));
        target[length + 2] = (byte)('0' + (rest / 10 % 10));
        target[length + 3] = (byte)('0' + (rest % 10));
        return length + 4;
    }

    public static void WritePlain(IBufferWriter<byte> target, double value) =>
        target.Advance(FormatPlain(value, target.GetSpan(MaxLength)));

    public static void WriteGeneral(IBufferWriter<byte> target, double value) =>
        target.Advance(FormatGeneral(value, target.GetSpan(MaxLength)));

    public static void WriteSample(IBufferWriter<byte> target, double value) =>
        target.Advance(FormatSample(value, target.GetSpan(MaxLength)));

    public static void WriteTimestamp(IBufferWriter<byte> target, long milliseconds) =>
        target.Advance(FormatTimestamp(milliseconds, target.GetSpan(32)));

    public static string ToPlain(double value)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..FormatPlain(value, text)]);
    }

    public static string ToExponent(double value)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..FormatExponent(value, text)]);
    }

    public static string ToGeneral(double value)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..FormatGeneral(value, text)]);
    }

    public static string ToSample(double value)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..FormatSample(value, text)]);
    }

    public static string ToTimestamp(long milliseconds)
    {
        Span<byte> text = stackalloc byte[32];
        return Encoding.ASCII.GetString(text[..FormatTimestamp(milliseconds, text)]);
    }

    private static ulong Magnitude(long value) => value < 0 ? 0UL - (ulong)value : (ulong)value;

    /// <summary>The frequent values: whole numbers that a long prints, and what has no digits.</summary>
    private static bool TryFormatSimple(double value, Span<byte> target, out int length)
    {
        const double exactIntegers = 1L << 53;
        if (value is > -exactIntegers and < exactIntegers)
        {
            var whole = (long)value;
            if (whole == value && (whole != 0 || !double.IsNegative(value)))
            {
                if (!Utf8Formatter.TryFormat(whole, target, out length)) ThrowTooSmall(target.Length);
                return true;
            }
        }

        return TryFormatSpecial(value, target, out length);
    }

    private static bool TryFormatSpecial(double value, Span<byte> target, out int length)
    {
        length = 0;
        if (double.IsFinite(value)) return false;
        ReadOnlySpan<byte> text = double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8;
        text.CopyTo(target);
        length = text.Length;
        return true;
    }

    /// <summary>The shortest digits that read back, without leading or trailing zeros, and where the point stands.</summary>
    private static Decimals Decompose(double value, Span<byte> digits)
    {
        bool negative = double.IsNegative(value);
        if (value == 0) return new Decimals(negative, 0, 1, true);
        (ulong significand, int exponent) = ShortestDouble.Of(value);
        Utf8Formatter.TryFormat(significand, digits, out int count);
        int point = count + exponent;
        while (digits[count - 1] == '0') count--;
        return new Decimals(negative, count, point, false);
    }

    private static int WritePlain(Decimals number, ReadOnlySpan<byte> digits, Span<byte> target)
    {
        var length = 0;
        if (number.Negative) target[length++] = (byte)'-';
        if (number.IsZero)
        {
            target[length++] = (byte)'0';
            return length;
        }

        int point = number.Point;
        digits = digits[..number.Count];
        if (point <= 0)
        {
            target[length++] = (byte)'0';
            target[length++] = (byte)'.';
            target.Slice(length, -point).Fill((byte)'0');
            length += -point;
            digits.CopyTo(target[length..]);
            return length + digits.Length;
        }

        if (digits.Length <= point)
        {
            digits.CopyTo(target[length..]);
            target.Slice(length + digits.Length, point - digits.Length).Fill((byte)'0');
            return length + point;
        }

        digits[..point].CopyTo(target[length..]);
        target[length + point] = (byte)'.';
        digits[point..].CopyTo(target[(length + point + 1)..]);
        return length + digits.Length + 1;
    }

    private static int WriteExponent(Decimals number, ReadOnlySpan<byte> digits, Span<byte> target)
    {
        var length = 0;
        if (number.Negative) target[length++] = (byte)'-';
        target[length++] = number.IsZero ? (byte)'0' : digits[0];
        if (number.Count > 1)
        {
            target[length++] = (byte)'.';
            digits[1..number.Count].CopyTo(target[length..]);
            length += number.Count - 1;
        }

        int exponent = number.IsZero ? 0 : number.Point - 1;
        target[length++] = (byte)'e';
        target[length++] = exponent < 0 ? (byte)'-' : (byte)'+';
        exponent = Math.Abs(exponent);
        if (exponent >= 100) target[length++] = (byte)('0' + (exponent / 100));
        target[length++] = (byte)('0' + (exponent / 10 % 10));
        target[length++] = (byte)('0' + (exponent % 10));
        return length;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowTooSmall(int length) =>
        throw new ArgumentException($"number text needs up to {MaxLength} bytes, the target has {length}");

    /// <summary>0.d1d2d3… × 10^Point.</summary>
    private readonly record struct Decimals(bool Negative, int Count, int Point, bool IsZero);
}
