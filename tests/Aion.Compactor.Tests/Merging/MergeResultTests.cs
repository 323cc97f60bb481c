using Aion.Blocks;

namespace Aion.Compactor.Tests;

public sealed class MergeResultTests
{
    [Fact]
    public void A_result_without_series_is_empty()
    {
        Assert.True(new MergeResult { Stats = new BlockStats(), IndexStats = default }.IsEmpty);
        Assert.False(new MergeResult { Stats = new BlockStats { Series = 1 }, IndexStats = default }.IsEmpty);
    }
}
