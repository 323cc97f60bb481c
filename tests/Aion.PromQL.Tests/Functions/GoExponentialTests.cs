using Aion.Model;

namespace Aion.PromQL.Tests;

/// <summary>The recorded scripts hold the exact digits; here is what they do not reach.</summary>
public sealed class GoExponentialTests
{
    [Fact]
    public void Every_function_agrees_with_the_platform_but_for_rounding()
    {
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            double x = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-12, 4)), large = Math.Pow(10, (random.NextDouble() - 0.5) * 600);
            Close(Math.Exp(x), GoExponential.Exp(x));
            Close(Math.Asinh(x), GoExponential.Asinh(x));
            Close(Math.Atanh(x), GoExponential.Atanh(x));
            Close(Math.Acosh(1 + Math.Abs(x)), GoExponential.Acosh(1 + Math.Abs(x)));
            Close(Math.Log(large), GoMath.Log(large));
            Close(Math.Log2(large), GoMath.Log2(large));
            Close(Math.Log10(large), GoMath.Log10(large));
            Close(Math.Asinh(large), GoExponential.Asinh(large));
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.MaxValue)]
    [InlineData(-745.2)]
    [InlineData(-800.0)]
    [InlineData(709.7)]
    [InlineData(709.8)]
    [InlineData(1.0)]
    [InlineData(-1.0)]
    [InlineData(0.5)]
    [InlineData(3e-300)]
    public void Special_values_agree_with_the_platform(double x)
    {
        if (x == 0) Assert.Equal(BitConverter.DoubleToInt64Bits(-0.0), BitConverter.DoubleToInt64Bits(GoExponential.Asinh(-x)));
        Same(Math.Exp(x), GoExponential.Exp(x));
        Same(Math.Asinh(x), GoExponential.Asinh(x));
        Same(Math.Acosh(x), GoExponential.Acosh(x));
        Same(Math.Atanh(x), GoExponential.Atanh(x));
        Same(Math.Log(x), GoMath.Log(x));
        Same(Math.Log2(x), GoMath.Log2(x));
        Same(Math.Log10(x), GoMath.Log10(x));
    }

    private static void Same(double platform, double ours)
    {
        if (!double.IsFinite(platform) || platform == 0) Assert.Equal(platform, ours);
        else Close(platform, ours);
        Assert.Equal(double.IsNegative(platform) && !double.IsNaN(platform), double.IsNegative(ours) && !double.IsNaN(ours));
    }

    private static void Close(double platform, double ours) => Assert.True(
        platform.Equals(ours) || Math.Abs(platform - ours) <= 1e-14 * Math.Abs(platform), FormattableString.Invariant($"{platform:R} and {ours:R}"));
}
