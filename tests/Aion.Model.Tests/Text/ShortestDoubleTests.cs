using System.Globalization;
using System.Numerics;
using FsCheck.Xunit;

namespace Aion.Model.Tests;

public sealed class ShortestDoubleTests
{
    [Property(MaxTest = 20_000)]
    public bool Every_bit_pattern_has_the_digits_that_the_runtime_prints(ulong bits) => IsAsTheRuntime(BitConverter.UInt64BitsToDouble(bits));

    [Property(MaxTest = 5_000)]
    public bool Measured_values_have_the_digits_that_the_runtime_prints(int whole, byte decimals) =>
        IsAsTheRuntime(whole / Math.Pow(10, decimals % 12)) && IsAsTheRuntime(Math.Sqrt(Math.Abs((double)whole)));

    [Fact]
    public void Powers_of_two_and_of_ten_and_their_neighbours_too()
    {
        for (int e = -1074; e <= 1023; e++) AssertAround(Math.ScaleB(1, e));
        for (int e = -323; e <= 308; e++) AssertAround(double.Parse($"1e{e}", CultureInfo.InvariantCulture));
        AssertAround(double.MaxValue);
        AssertAround(9007199254740992);
    }

    private static void AssertAround(double value)
    {
        foreach (double near in (double[])[Math.BitDecrement(value), value, Math.BitIncrement(value)]) Assert.True(IsAsTheRuntime(near), near.ToString("R", CultureInfo.InvariantCulture));
    }

    private static bool IsAsTheRuntime(double value)
    {
        if (!double.IsFinite(value) || value == 0) return true;
        (ulong digits, int exponent) = ShortestDouble.Of(value);
        while (digits % 10 == 0)
        {
            digits /= 10;
            exponent++;
        }

        if (double.Parse($"{digits}e{exponent}", CultureInfo.InvariantCulture) != Math.Abs(value)) return false;
        string runtime = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        // The runtime prints some powers of two (2^-958) as the double below them.
        return double.Parse(runtime, CultureInfo.InvariantCulture) != Math.Abs(value) || Plain(runtime) == (new BigInteger(digits), exponent);
    }

    /// <summary>The text as digits without trailing zeros and an exponent.</summary>
    private static (BigInteger Digits, int Exponent) Plain(string text)
    {
        string[] parts = text.Split('E');
        int exponent = parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        int point = parts[0].IndexOf('.', StringComparison.Ordinal);
        if (point >= 0) exponent -= parts[0].Length - point - 1;
        BigInteger digits = BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        while (digits % 10 == 0)
        {
            digits /= 10;
            exponent++;
        }

        return (digits, exponent);
    }
}
