using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor.Tests;

public sealed class RetentionPlannerTests
{
    private const long Hour = 60 * 60 * 1000;
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(100);

    private static readonly CompactionPolicy Policy = new()
    {
        Retention = new RetentionPolicy { Default = new RetentionPeriods(TimeSpan.FromDays(30), TimeSpan.FromDays(60), TimeSpan.Zero) },
    };

    private static readonly CompactionPolicy WithoutDownsampling = Policy with { DownsamplingEnabled = false };

    [Theory]
    [InlineData(BlockResolution.Raw, 70, false)]
    [InlineData(BlockResolution.Raw, 69, true)]
    [InlineData(BlockResolution.FiveMinutes, 69, false)]
    [InlineData(BlockResolution.FiveMinutes, 39, true)]
    [InlineData(BlockResolution.OneHour, 1, false)]
    public void A_block_goes_by_its_end_and_its_resolution(long resolution, int endDay, bool expires)
    {
        RetentionPlan plan = RetentionPlanner.Plan(TestMetas.State(TestMetas.Meta(1, 0, endDay * 24 * Hour).With(resolution)), WithoutDownsampling, Now);

        Assert.Equal(expires, plan.Expired.Count == 1);
        Assert.Empty(plan.Held);
        if (expires) Assert.Equal($"block exceeding retention of {(resolution == 0 ? "720h0m0s" : "1440h0m0s")}", plan.Expired[0].Details);
    }

    [Fact]
    public void Marked_blocks_are_not_marked_again_and_without_periods_nothing_goes()
    {
        BucketState state = TestMetas.State(TestMetas.Meta(1, 0, Hour));

        Assert.Empty(RetentionPlanner.Plan(state with { DeletionMarks = new Dictionary<BlockId, DeletionMark> { [TestMetas.Id(1)] = new(TestMetas.Id(1), Now) } }, WithoutDownsampling, Now).Expired);
        Assert.Empty(RetentionPlanner.Plan(state, WithoutDownsampling with { Retention = new RetentionPolicy() }, Now).Expired);
    }

    [Fact]
    public void Raw_data_is_held_until_its_five_minute_form_exists()
    {
        BlockMeta raw = TestMetas.Meta(1, 50 * 24 * Hour, 52 * 24 * Hour);
        BlockMeta fine = TestMetas.Meta(2, 50 * 24 * Hour, 52 * 24 * Hour).WithSources(1).With(BlockResolution.FiveMinutes);

        Assert.Equal(raw, Assert.Single(RetentionPlanner.Plan(TestMetas.State(raw), Policy, Now).Held).Block);
        Assert.Equal(raw, Assert.Single(RetentionPlanner.Plan(TestMetas.State(raw, fine), Policy, Now).Expired).Block);
        CompactionPolicy careless = Policy with { Retention = Policy.Retention with { IgnoresMissingDownsampled = true } };
        Assert.Equal(raw, Assert.Single(RetentionPlanner.Plan(TestMetas.State(raw), careless, Now).Expired).Block);
    }

    [Fact]
    public void Nothing_is_held_for_a_resolution_that_would_be_deleted_at_once()
    {
        var all = new RetentionPeriods(TimeSpan.FromDays(30), TimeSpan.FromDays(30), TimeSpan.FromDays(30));
        CompactionPolicy policy = Policy with { Retention = new RetentionPolicy { Default = all } };

        Assert.Single(RetentionPlanner.Plan(TestMetas.State(TestMetas.Meta(1, 0, 48 * Hour)), policy, Now).Expired);
    }

    [Fact]
    public void Short_blocks_are_held_only_while_they_will_be_part_of_a_long_one()
    {
        // Two days of blocks that compaction has not come to yet, and one that stays alone.
        BlockMeta[] waiting = [.. Enumerable.Range(0, 24).Select(i => TestMetas.Meta(i + 1, (48 + (2 * i)) * Hour, (50 + (2 * i)) * Hour))];
        BlockMeta alone = TestMetas.Meta(40, 480 * Hour, 482 * Hour), newest = TestMetas.Meta(41, 2398 * Hour, 2400 * Hour);

        RetentionPlan plan = RetentionPlanner.Plan(TestMetas.State([.. waiting, alone, newest]), Policy, Now);

        Assert.Equal(waiting, plan.Held.Select(h => h.Block));
        Assert.Equal(alone, Assert.Single(plan.Expired).Block);
    }

    [Fact]
    public void The_first_rule_that_applies_counts()
    {
        LabelMatcher matcher = new LabelMatcher(Model.MatchType.Regex, "cluster", "a|b");
        var rule = new RetentionRule("test", [matcher], new RetentionPeriods(TimeSpan.FromDays(200), default, default));
        CompactionPolicy policy = WithoutDownsampling with { Retention = WithoutDownsampling.Retention with { Rules = [rule] } };
        BlockMeta ruled = TestMetas.Meta(1, 0, Hour), other = TestMetas.Meta(2, 0, Hour);
        other = other with { Thanos = other.Thanos with { Labels = Labels.Of("cluster", "c") } };

        Assert.Equal(other, Assert.Single(RetentionPlanner.Plan(TestMetas.State(ruled, other), policy, Now).Expired).Block);
    }
}
