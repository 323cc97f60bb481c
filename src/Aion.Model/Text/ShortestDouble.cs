using System.Numerics;

namespace Aion.Model;

/// <summary>
/// The shortest decimal digits that read back to the same double, and of those the nearest to it. Several times as fast as the
/// runtime's own, which goes by way of text.
/// </summary>
/// <remarks>
/// Schubfach: R. Giulietti, "The Schubfach way to render doubles" (2020). The interval of decimals that round to the double is scaled
/// by a power of ten so that it holds at most one multiple of ten and at least one integer; 128-bit products rounded to odd decide exactly.
/// </remarks>
internal static class ShortestDouble
{
    private const int SignificandBits = 52;
    private const int ExponentBias = 1075;
    private const int MinPower = -292;
    private const int MaxPower = 324;

    // 10^k is at most g · 2^r, with g the upper and lower half of a 128-bit number whose top bit is set, rounded up.
    private static readonly UInt128[] Powers = ComputePowers();

    /// <param name="value">Finite, not zero; its sign is left out.</param>
    /// <returns>The value is <c>Digits · 10^Exponent</c>; the digits may end in zeros.</returns>
    public static (ulong Digits, int Exponent) Of(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        ulong fraction = bits & ((1UL << SignificandBits) - 1);
        var biased = (int)((bits >> SignificandBits) & 0x7FF);
        ulong c = biased == 0 ? fraction : fraction | (1UL << SignificandBits);
        int q = (biased == 0 ? 1 : biased) - ExponentBias;
        if (q is <= 0 and > -53 && (c & ((1UL << -q) - 1)) == 0) return (c >> -q, 0);
        return Scale(c, q, lowerIsCloser: fraction == 0 && biased > 1);
    }

    /// <param name="lowerIsCloser">The double below is half as far away as the one above: the value is a power of two.</param>
    private static (ulong Digits, int Exponent) Scale(ulong c, int q, bool lowerIsCloser)
    {
        ulong open = c & 1; // an odd significand does not own the ends of its interval
        int k = lowerIsCloser ? FloorLog10ThreeQuartersPow2(q) : FloorLog10Pow2(q);
        int h = q + FloorLog2Pow10(-k) + 1;
        UInt128 power = Powers[-k - MinPower];
        ulong low = RoundToOdd(power, (4 * c - (lowerIsCloser ? 1UL : 2UL)) << h) + open;
        ulong middle = RoundToOdd(power, (4 * c) << h);
        ulong high = RoundToOdd(power, (4 * c + 2) << h) - open;

        ulong s = middle / 4;
        if (s >= 10)
        {
            ulong tens = s / 10;
            bool below = low <= 40 * tens, above = (40 * tens) + 40 <= high;
            if (below != above) return (above ? tens + 1 : tens, k + 1);
        }

        bool downIsIn = low <= 4 * s, upIsIn = (4 * s) + 4 <= high;
        if (downIsIn != upIsIn) return (upIsIn ? s + 1 : s, k);
        ulong half = (4 * s) + 2;
        bool up = middle > half || (middle == half && (s & 1) != 0);
        return (up ? s + 1 : s, k);
    }

    private static ulong RoundToOdd(UInt128 power, ulong factor)
    {
        ulong carry = Math.BigMul((ulong)power, factor, out _);
        ulong high = Math.BigMul((ulong)(power >> 64), factor, out ulong low);
        ulong sum = low + carry;
        if (sum < low) high++;
        return sum > 1 ? high | 1 : high;
    }

    private static int FloorLog2Pow10(int e) => (e * 1741647) >> 19;

    private static int FloorLog10Pow2(int e) => (e * 1262611) >> 22;

    private static int FloorLog10ThreeQuartersPow2(int e) => (e * 1262611 - 524031) >> 22;

    private static UInt128[] ComputePowers()
    {
        var powers = new UInt128[MaxPower - MinPower + 1];
        for (int k = MinPower; k <= MaxPower; k++)
        {
            BigInteger ten = BigInteger.Pow(10, Math.Abs(k));
            var length = (int)ten.GetBitLength();
            BigInteger scaled = k < 0
                ? ((BigInteger.One << (length + 127)) + ten - 1) / ten
                : length <= 128 ? ten << (128 - length) : (ten + (BigInteger.One << (length - 128)) - 1) >> (length - 128);
            powers[k - MinPower] = (UInt128)scaled;
        }

        return powers;
    }
}
