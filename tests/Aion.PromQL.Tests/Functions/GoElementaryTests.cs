namespace Aion.PromQL.Tests;

public sealed class GoElementaryTests
{
    [Fact]
    public void Every_function_agrees_with_the_platform_but_for_rounding()
    {
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            double x = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 5)), y = (random.NextDouble() - 0.5) * 40, unit = random.NextDouble() * 2 - 1;
            Close(Math.Sin(x), GoElementary.Sin(x), x);
            Close(Math.Cos(x), GoElementary.Cos(x), x);
            Close(Math.Tan(x), GoElementary.Tan(x), x);
            Close(Math.Atan(x), GoElementary.Atan(x), x);
            Close(Math.Atan2(y, x), GoElementary.Atan2(y, x), x);
            Close(Math.Asin(unit), GoElementary.Asin(unit), unit);
            Close(Math.Acos(unit), GoElementary.Acos(unit), unit);
            Close(Math.Sinh(y), GoElementary.Sinh(y), y);
            Close(Math.Cosh(y), GoElementary.Cosh(y), y);
            Close(Math.Tanh(y), GoElementary.Tanh(y), y);
            Close(Math.Pow(2, y), GoElementary.Exp2(y), y);
            Close(Math.Pow(Math.Abs(x), y), GoElementary.Pow(Math.Abs(x), y), y);
            Close(Math.Pow(x, Math.Round(y)), GoElementary.Pow(x, Math.Round(y)), y);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.MaxValue)]
    [InlineData(5e-324)]
    [InlineData(1.0)]
    [InlineData(-1.0)]
    public void Special_values_agree_with_the_platform(double x)
    {
        Same(Math.Sin(x), GoElementary.Sin(x));
        Same(Math.Tan(x), GoElementary.Tan(x));
        Same(Math.Atan(x), GoElementary.Atan(x));
        Same(Math.Sinh(x), GoElementary.Sinh(x));
        Same(Math.Tanh(x), GoElementary.Tanh(x));
        Same(Math.Pow(2, x), GoElementary.Exp2(x));
        foreach (double y in (double[])[0, -0.0, 1, -1, 0.5, -0.5, 2, 3, -3, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300])
            Same(Math.Pow(x, y), GoElementary.Pow(x, y));
    }

    private static void Close(double platform, double ours, double x)
    {
        if (platform == ours || (double.IsNaN(platform) && double.IsNaN(ours))) return;
        double error = Math.Abs(platform - ours) / Math.Max(Math.Abs(platform), 1e-300);
        Assert.True(error < 1e-11 || (Math.Abs(platform) < 1e-9 && Math.Abs(platform - ours) < 1e-15), FormattableString.Invariant($"{x:R}: {platform:R} and {ours:R}"));
    }

    private static void Same(double platform, double ours)
    {
        if (double.IsNaN(platform)) Assert.True(double.IsNaN(ours));
        else if (double.IsFinite(platform)) Close(platform, ours, platform);
        else Assert.Equal(platform, ours);
    }
}
