using System.Buffers.Text;

namespace Aion.Model;

public static partial class GoFloat
{
    /// <summary>Digits behind the point that <see cref="TryFormatFewDecimals"/> looks at; twice as many as most exporters print.</summary>
    private const int FewDecimals = 6;

    private const double FewDecimalsScale = 1e6;

    private static ReadOnlySpan<byte> TwoDigits =>
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"u8;

    /// <summary>
    /// What was once written with a few decimals, as most gauges are: no search for the shortest digits, because a decimal of up to fifteen
    /// digits that reads back to the value is the only such one.
    /// </summary>
    private static bool TryFormatFewDecimals(double value, Span<byte> target, out int length)
    {
        length = 0;
        double magnitude = Math.Abs(value), scaled = magnitude * FewDecimalsScale;
        if (!(scaled is >= 1 and < 1e15)) return false;
        var whole = (long)(scaled + 0.5);
        // The product is off by less than this; a value of many digits mostly is by more, and needs no division.
        if (Math.Abs(scaled - whole) > scaled * 4.440892098500626E-16 || whole / FewDecimalsScale != magnitude) return false;
        if (target.Length < 32) ThrowTooSmall(target.Length);
        var at = 0;
        if (value < 0) target[at++] = (byte)'-';
        long units = whole / (long)FewDecimalsScale;
        Utf8Formatter.TryFormat(units, target[at..], out int written);
        at += written;
        target[at++] = (byte)'.';
        var rest = (int)(whole - (units * (long)FewDecimalsScale));
        int high = rest / 10_000, middle = (rest / 100) - (high * 100), low = rest % 100;
        TwoDigits.Slice(high * 2, 2).CopyTo(target[at..]);
        TwoDigits.Slice(middle * 2, 2).CopyTo(target[(at + 2)..]);
        TwoDigits.Slice(low * 2, 2).CopyTo(target[(at + 4)..]);
        at += FewDecimals;
        // A whole number is another one's business, so this ends before the point.
        while (target[at - 1] == '0') at--;
        length = at;
        return true;
    }
}
