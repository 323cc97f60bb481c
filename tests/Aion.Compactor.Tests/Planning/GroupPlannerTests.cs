using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor.Tests;

public sealed class GroupPlannerTests
{
    // reference/block-lifecycle.md, planner vectors.
    private static readonly CompactionPolicy Policy = new() { RangesMs = [20, 60, 180, 540, 1620] };

    [Theory]
    [InlineData("[0,20)", "")]
    [InlineData("[0,20)[20,40)[40,60)", "")]
    [InlineData("[0,20)[20,40)[40,60)[60,80)", "[0,20)[20,40)[40,60)")]
    [InlineData("[0,20)[20,40)[60,80)", "")]
    [InlineData("[0,20)[20,40)[60,80)[80,100)", "[0,20)[20,40)")]
    [InlineData("[0,60)[60,120)[120,180)[180,200)[200,220)", "[0,60)[60,120)[120,180)")]
    [InlineData("[0,60)[120,180)[180,200)[200,220)", "[0,60)[120,180)")]
    [InlineData("[20,40)[60,120)[120,180)[720,960)[960,980)", "[20,40)[60,120)[120,180)")]
    [InlineData("[0,360)[360,420)[420,540)[540,560)", "[360,420)[420,540)")]
    [InlineData("[-60,-40)[-40,-20)[-20,0)[0,20)", "[-60,-40)[-40,-20)[-20,0)")]
    public void Blocks_make_longer_ones(string blocks, string expected) => Assert.Equal(expected, Plan(TestMetas.Draw(blocks)));

    [Theory]
    [InlineData("[0,20)[19,40)[40,60)", "[0,20)[19,40)")]
    [InlineData("[0,20)[20,40)[30,50)", "[20,40)[30,50)")]
    [InlineData("[0,20)[10,40)[30,50)", "[0,20)[10,40)[30,50)")]
    [InlineData("[0,10)[9,20)[30,40)[39,50)", "[0,10)[9,20)")]
    [InlineData("[0,360)[340,560)[360,420)[420,540)", "[0,360)[340,560)[360,420)[420,540)")]
    public void Blocks_that_overlap_come_first(string blocks, string expected)
    {
        Assert.Equal(expected, Plan(TestMetas.Draw(blocks)));
        Assert.Equal(expected, Plan([.. TestMetas.Draw(blocks).Reverse()]));
    }

    [Theory]
    [InlineData("[0,540)", 10, 3, "")]
    [InlineData("[0,540)[540,560)", 10, 3, "[0,540)")]
    [InlineData("[0,60)[60,80)", 10, 3, "")]
    [InlineData("[0,540)[540,560)", 0, 0, "")]
    public void A_long_block_with_many_deletions_is_written_anew(string blocks, ulong series, ulong tombstones, string expected)
    {
        BlockMeta[] metas = TestMetas.Draw(blocks);
        metas[0] = metas[0] with { Stats = new BlockStats { Series = series, Tombstones = tombstones } };

        Assert.Equal(expected, Plan(metas));
    }

    [Theory]
    [InlineData("[0,20)[20,40)[40,60)[60,80)", 2, "")]
    [InlineData("[0,60)[60,120)[120,180)[180,240)", 1, "[60,120)[120,180)")]
    [InlineData("[0,20)[19,40)[40,60)[60,80)", 2, "")]
    [InlineData("[0,20)[20,40)[40,60)[60,80)", 1, "[20,40)[40,60)")]
    [InlineData("[0,20)[20,40)[40,60)[60,80)", 4, "[0,20)[20,40)[40,60)")]
    public void A_marked_block_divides_what_is_merged(string blocks, int marked, string expected) =>
        Assert.Equal(expected, TestMetas.Draw(GroupPlanner.Plan(Group(TestMetas.Draw(blocks)), new HashSet<BlockId> { TestMetas.Id(marked) }, Policy).Blocks));

    [Fact]
    public void A_block_whose_merge_failed_is_not_merged_by_range()
    {
        BlockMeta[] metas = TestMetas.Draw("[0,20)[20,40)[40,60)[60,80)");
        metas[1] = metas[1] with { Compaction = metas[1].Compaction with { Failed = true } };

        Assert.Equal("", Plan(metas));
    }

    [Fact]
    public void The_largest_index_is_left_alone_when_the_result_would_be_too_large()
    {
        BlockMeta[] metas = TestMetas.Draw("[0,20)[20,40)[40,60)[60,80)");
        metas[0] = metas[0].WithFiles(1000, 30);
        metas[1] = metas[1].WithFiles(1000, 50);
        metas[2] = metas[2].WithFiles(1000, 40);

        CompactionPlan below = GroupPlanner.Plan(Group(metas), new HashSet<BlockId>(), Policy with { MaxIndexBytes = 143 });
        Assert.Equal("[0,20)[20,40)[40,60)", TestMetas.Draw(below.Blocks));
        Assert.Empty(below.Marks);

        CompactionPlan above = GroupPlanner.Plan(Group(metas), new HashSet<BlockId>(), Policy with { MaxIndexBytes = 142 });
        PlannedMark mark = Assert.Single(above.Marks);
        Assert.Equal((TestMetas.Id(2), NoCompactReason.IndexSizeExceeding), (mark.Block, mark.Reason));
        Assert.True(above.IsEmpty);
    }

    [Fact]
    public void Overlapping_downsampled_blocks_are_marked_or_merged()
    {
        BlockMeta[] metas = [.. TestMetas.Draw("[0,20)[0,20)[20,40)[40,60)[60,80)").Select(m => m.With(BlockResolution.FiveMinutes))];

        CompactionPlan marked = GroupPlanner.Plan(Group(metas), new HashSet<BlockId>(), Policy);
        Assert.Equal([TestMetas.Id(1), TestMetas.Id(2)], marked.Marks.Select(m => m.Block).Order());
        Assert.All(marked.Marks, m => Assert.Equal(NoCompactReason.DownsampleVerticalCompaction, m.Reason));
        Assert.Equal("[20,40)[40,60)", TestMetas.Draw(marked.Blocks));

        CompactionPlan merged = GroupPlanner.Plan(Group(metas), new HashSet<BlockId>(), Policy with { MergesDownsampledOverlaps = true });
        Assert.Empty(merged.Marks);
        Assert.Equal("[0,20)[0,20)", TestMetas.Draw(merged.Blocks));
    }

    [Fact]
    public void Groups_part_by_resolution_and_labels()
    {
        BlockMeta raw = TestMetas.Meta(1, 0, 20), fine = TestMetas.Meta(2, 0, 20).With(BlockResolution.FiveMinutes), other = TestMetas.Meta(3, 0, 20);
        other = other with { Thanos = other.Thanos with { Labels = Labels.Of("cluster", "b") } };

        IReadOnlyList<BlockGroup> groups = BlockGroup.Of([raw, fine, other, TestMetas.Meta(4, 20, 40)]);

        Assert.Equal(3, groups.Count);
        Assert.Equal(groups.Select(g => g.Key).Order(StringComparer.Ordinal), groups.Select(g => g.Key));
        Assert.Equal("[0,20)[20,40)", TestMetas.Draw(groups.Single(g => g.Blocks.Contains(raw)).Blocks));
    }

    private static string Plan(BlockMeta[] blocks)
    {
        CompactionPlan plan = GroupPlanner.Plan(Group(blocks), new HashSet<BlockId>(), Policy);
        Assert.Empty(plan.Marks);
        return TestMetas.Draw(plan.Blocks);
    }

    private static BlockGroup Group(BlockMeta[] blocks) => Assert.Single(BlockGroup.Of(blocks));
}
