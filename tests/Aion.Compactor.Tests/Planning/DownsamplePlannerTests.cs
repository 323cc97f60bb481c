using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor.Tests;

public sealed class DownsamplePlannerTests
{
    private const long Hour = 60 * 60 * 1000;

    private static readonly HashSet<BlockId> None = [];

    [Theory]
    [InlineData(BlockResolution.Raw, 40, BlockResolution.FiveMinutes)]
    [InlineData(BlockResolution.Raw, 39, null)]
    [InlineData(BlockResolution.FiveMinutes, 240, BlockResolution.OneHour)]
    [InlineData(BlockResolution.FiveMinutes, 239, null)]
    [InlineData(BlockResolution.OneHour, 1000, null)]
    public void A_block_that_is_long_enough_gets_the_next_resolution(long resolution, int hours, long? expected)
    {
        IReadOnlyList<DownsamplePlan> plans = DownsamplePlanner.Plan([TestMetas.Meta(1, 0, hours * Hour).With(resolution)], None);

        Assert.Equal(expected, plans.SingleOrDefault()?.ToResolutionMs);
    }

    [Fact]
    public void A_block_is_skipped_when_all_of_its_sources_are_there_already()
    {
        BlockMeta raw = TestMetas.Meta(10, 0, 48 * Hour).WithSources(1, 2, 3);
        BlockMeta first = TestMetas.Meta(11, 0, 24 * Hour).WithSources(1, 2).With(BlockResolution.FiveMinutes);
        BlockMeta second = TestMetas.Meta(12, 24 * Hour, 48 * Hour).WithSources(3, 4).With(BlockResolution.FiveMinutes);
        BlockMeta elsewhere = second with { Thanos = second.Thanos with { Labels = Labels.Of("cluster", "b") } };

        Assert.Empty(DownsamplePlanner.Plan([raw, first, second], None));
        Assert.Equal(raw, Assert.Single(DownsamplePlanner.Plan([raw, first], None)).Block);
        Assert.Equal(raw, Assert.Single(DownsamplePlanner.Plan([raw, first, elsewhere], None)).Block);
        Assert.Equal(raw, Assert.Single(DownsamplePlanner.Plan([raw, first, second.With(BlockResolution.OneHour)], None)).Block);
    }

    [Fact]
    public void Marked_blocks_are_skipped_and_others_come_by_id()
    {
        BlockMeta[] raw = [.. Enumerable.Range(1, 3).Select(i => TestMetas.Meta(i, (4 - i) * 48 * Hour, (5 - i) * 48 * Hour))];

        Assert.Equal([TestMetas.Id(1), TestMetas.Id(3)], DownsamplePlanner.Plan(raw, new HashSet<BlockId> { TestMetas.Id(2) }).Select(p => p.Block.Id));
    }
}
