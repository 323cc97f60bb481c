
namespace Aion.Query.Tests;

public sealed class LookbackPolicyTests
{
    private const long Minute = 60_000;
    private const long Hour = 3_600_000;

    [Theory]
    [InlineData(0, true, 0, 5 * Minute)]
    [InlineData(0, true, 5 * Minute, 5 * Minute)]
    [InlineData(0, true, 5 * Minute + 1, Hour)]
    [InlineData(5 * Minute, true, Hour, Hour)]
    [InlineData(Minute, true, 30_000, Minute)]
    [InlineData(Minute, true, 2 * Minute, 5 * Minute)]
    [InlineData(2 * Hour, true, 3 * Hour, 2 * Hour)]
    [InlineData(2 * Hour, true, Hour, 2 * Hour)]
    [InlineData(0, false, Hour, 5 * Minute)]
    [InlineData(Minute, false, Hour, Minute)]
    public void Coarser_data_looks_back_further(long baseMs, bool dynamic, long resolutionMs, long lookbackMs) =>
        Assert.Equal(lookbackMs, new LookbackPolicy(baseMs, dynamic).For(resolutionMs));
}
