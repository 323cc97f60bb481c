using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor.Tests;

public sealed class HousekeepingPlannerTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(100);
    private static readonly CompactionPolicy Policy = new();

    [Fact]
    public void Replaced_blocks_are_marked_once()
    {
        var state = new BucketState
        {
            Duplicates = [TestMetas.Id(2), TestMetas.Id(1)],
            DeletionMarks = new Dictionary<BlockId, DeletionMark> { [TestMetas.Id(2)] = new(TestMetas.Id(2), Now) },
        };

        Assert.Equal([TestMetas.Id(1)], HousekeepingPlanner.PlanGarbage(state));
    }

    [Fact]
    public void A_marked_block_goes_when_its_mark_is_older_than_the_delay()
    {
        var state = new BucketState
        {
            DeletionMarks = new[] { 48.0, 49 }.Select((h, i) => new DeletionMark(TestMetas.Id(i), Now.AddHours(-h))).ToDictionary(m => m.Id),
            Partials = new Dictionary<BlockId, PartialUpload> { [TestMetas.Id(7)] = new(Now, new DeletionMark(TestMetas.Id(7), Now.AddHours(-49))) },
        };

        Assert.Equal([TestMetas.Id(1), TestMetas.Id(7)], HousekeepingPlanner.PlanDeletions(state, Policy, Now));
    }

    [Theory]
    [InlineData(48, 0, false)]
    [InlineData(49, 0, true)]
    [InlineData(49, 72, false)]
    [InlineData(73, 72, true)]
    public void A_partial_upload_goes_when_its_youngest_object_is_old(int ageHours, int consistencyHours, bool goes)
    {
        CompactionPolicy policy = Policy with { ConsistencyDelay = TimeSpan.FromHours(consistencyHours) };
        var state = new BucketState { Partials = new Dictionary<BlockId, PartialUpload> { [TestMetas.Id(1)] = new(Now.AddHours(-ageHours)) } };

        Assert.Equal(goes, HousekeepingPlanner.PlanPartials(state, policy, Now).Count == 1);
    }

    [Fact]
    public void A_partial_upload_without_times_counts_from_its_id_and_a_marked_one_goes_by_its_mark()
    {
        BlockId old = TestMetas.Id(0), fresh = new(Ulid.NewUlid(Now)), marked = TestMetas.Id(1);
        var state = new BucketState
        {
            Partials = new Dictionary<BlockId, PartialUpload>
            {
                [old] = new(null),
                [fresh] = new(null),
                [marked] = new(Now.AddDays(-50), new DeletionMark(marked, Now)),
            },
        };

        Assert.Equal([old], HousekeepingPlanner.PlanPartials(state, Policy, Now));
    }
}
