using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace Aion.Blocks.Tests;

public sealed class BlockFilterTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_000_000);

    [Theory]
    [InlineData(0, 100, 0, 100, true)]
    [InlineData(0, 100, 100, 200, true)]
    [InlineData(0, 100, 101, 200, false)]
    [InlineData(100, 200, 0, 100, true)]
    [InlineData(101, 200, 0, 100, false)]
    public void Time_partition_keeps_what_touches_the_range(long min, long max, long from, long to, bool kept) =>
        Assert.Equal(kept, TimePartitionFilter.Keeps(TestBlocks.Meta(1) with { MinTimeMs = min, MaxTimeMs = max }, from, to));

    [Fact]
    public async Task Time_partition_moves_with_the_clock()
    {
        BlockSelection selection = TestBlocks.Select(Now, TestBlocks.Meta(1) with { MinTimeMs = 0, MaxTimeMs = Now.ToUnixTimeMilliseconds() - 1 });
        var filter = new TimePartitionFilter(now => now.ToUnixTimeMilliseconds(), _ => long.MaxValue);

        await filter.ApplyAsync(selection, TestContext.Current.CancellationToken);

        Assert.Empty(selection.Metas);
        Assert.Equal(1, selection.Removed[BlockState.TimeExcluded]);
    }

    [Theory]
    [InlineData(29, BlockSource.Sidecar, true)]
    [InlineData(30, BlockSource.Sidecar, false)]
    [InlineData(0, BlockSource.Compactor, false)]
    [InlineData(0, BlockSource.CompactorRepair, false)]
    [InlineData(0, BlockSource.BucketRepair, false)]
    [InlineData(0, BlockSource.BucketRewrite, true)]
    public void Consistency_delay_counts_from_the_upload(int ageMinutes, string source, bool tooFresh)
    {
        BlockMeta meta = TestBlocks.Meta(1);
        meta = meta with { Thanos = meta.Thanos with { Source = source, UploadTime = Now.AddMinutes(-ageMinutes) } };

        Assert.Equal(tooFresh, ConsistencyDelayFilter.IsTooFresh(meta, Now, TimeSpan.FromMinutes(30)));
        Assert.False(ConsistencyDelayFilter.IsTooFresh(meta, Now, TimeSpan.Zero));
    }

    [Fact]
    public void Consistency_delay_counts_from_the_id_when_the_upload_time_is_not_known()
    {
        BlockMeta meta = TestBlocks.Meta((int)TimeSpan.FromDays(10).TotalMilliseconds);

        Assert.True(ConsistencyDelayFilter.IsTooFresh(meta, DateTimeOffset.UnixEpoch.AddDays(10).AddMinutes(29), TimeSpan.FromMinutes(30)));
        Assert.False(ConsistencyDelayFilter.IsTooFresh(meta, DateTimeOffset.UnixEpoch.AddDays(10).AddMinutes(30), TimeSpan.FromMinutes(30)));
    }

    [Fact]
    public void Deduplication_follows_the_sources()
    {
        Assert.Equal(Ids(1, 2, 3), Duplicates(TestBlocks.Meta(4, 1, 2, 3), TestBlocks.Meta(1, 1), TestBlocks.Meta(2, 2), TestBlocks.Meta(3, 3)));
        Assert.Empty(Duplicates(TestBlocks.Meta(4, 1, 2), TestBlocks.Meta(5, 2, 3)));
        Assert.Equal(Ids(9), Duplicates(TestBlocks.Meta(9, 1), TestBlocks.Meta(8, 1)));
        Assert.Equal(Ids(5), Duplicates(TestBlocks.Meta(5, 2, 1), TestBlocks.Meta(4, 1, 2)));
        Assert.Equal(Ids(5), Duplicates(TestBlocks.Meta(4, 1, 2), TestBlocks.Meta(5, 1), TestBlocks.Meta(6, 2, 3)));
        Assert.Empty(Duplicates(TestBlocks.Meta(1), TestBlocks.Meta(2)));
    }

    [Fact]
    public void A_block_that_is_marked_for_deletion_replaces_nobody()
    {
        BlockMeta[] metas = [TestBlocks.Meta(8, 1), TestBlocks.Meta(9, 1), TestBlocks.Meta(3, 1, 2), TestBlocks.Meta(4, 2)];

        Assert.Equal(Ids(8), DeduplicateFilter.FindDuplicates(metas, id => id == TestBlocks.Id(8) || id == TestBlocks.Id(3)));
    }

    [Fact]
    public void Deduplication_stays_inside_a_group()
    {
        BlockMeta raw = TestBlocks.Meta(1, 1), downsampled = TestBlocks.Meta(2, 1), other = TestBlocks.Meta(3, 1);
        downsampled = downsampled with { Thanos = downsampled.Thanos with { ResolutionMs = BlockResolution.FiveMinutes } };
        other = other with { Thanos = other.Thanos with { Labels = Labels.Of("replica", "b") } };

        Assert.Empty(Duplicates(raw, downsampled, other));
    }

    [Fact]
    public void Replica_labels_go_and_a_block_keeps_one_label()
    {
        Assert.Equal(Labels.Of("a", "1"), ReplicaLabelFilter.WithoutReplicaLabels(Labels.Of("a", "1", "r", "x"), ["r", "absent"]));
        Assert.Equal(Labels.Of("r", "deduped"), ReplicaLabelFilter.WithoutReplicaLabels(Labels.Of("r", "x", "s", "y"), ["r", "s"]));
        Assert.Equal(Labels.Empty, ReplicaLabelFilter.WithoutReplicaLabels(Labels.Empty, ["r"]));
    }

    [Fact]
    public async Task A_marked_block_goes_once_the_mark_is_older_than_the_delay()
    {
        var bucket = new InMemoryBucket(TimeProvider.System);
        await MarkAsync(bucket, 1, Now.AddHours(-24));
        await MarkAsync(bucket, 2, Now.AddHours(-24).AddSeconds(-1));
        await bucket.UploadAsync(BlockLayout.Key(TestBlocks.Id(3), BlockLayout.DeletionMarkFile), "{"u8.ToArray(), TestContext.Current.CancellationToken);
        var filter = new DeletionMarkFilter(bucket, TimeSpan.FromHours(24), 4, NullLogger.Instance);
        BlockSelection selection = TestBlocks.Select(Now, TestBlocks.Meta(1), TestBlocks.Meta(2), TestBlocks.Meta(3), TestBlocks.Meta(4));

        await filter.ApplyAsync(selection, TestContext.Current.CancellationToken);

        Assert.Equal(Ids(1, 3, 4), selection.Metas.Keys.Order());
        Assert.Equal(1, selection.Removed[BlockState.MarkedForDeletion]);
        Assert.Equal(Ids(1, 2), filter.Marks.Keys.Order());
    }

    [Fact]
    public async Task A_mark_of_another_version_fails_the_filter()
    {
        var bucket = new InMemoryBucket(TimeProvider.System);
        await bucket.UploadAsync(
            BlockLayout.Key(TestBlocks.Id(1), BlockLayout.DeletionMarkFile), """{"id":"01M86A64W6ZT8RB32N6A1M8VMY","version":9}"""u8.ToArray(), TestContext.Current.CancellationToken);
        var filter = new DeletionMarkFilter(bucket, TimeSpan.Zero, 4, NullLogger.Instance);

        await Assert.ThrowsAsync<BlockMetaException>(
            async () => await filter.ApplyAsync(TestBlocks.Select(Now, TestBlocks.Meta(1)), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_filters_of_a_store_run_in_order()
    {
        var registry = Metrics.NewCustomRegistry();
        IMetricFactory metrics = Metrics.WithCustomRegistry(registry);
        BlockMeta big = TestBlocks.Meta(4, 1, 2), covered = TestBlocks.Meta(1, 1);
        IBlockFilter[] filters = [new ConsistencyDelayFilter(TimeSpan.FromDays(1), metrics), new DeduplicateFilter()];
        // The replacement is too fresh to be seen, so what it replaces is still needed.
        big = big with { Thanos = big.Thanos with { UploadTime = Now } };
        BlockSelection selection = TestBlocks.Select(Now, big, covered);

        foreach (IBlockFilter filter in filters) await filter.ApplyAsync(selection, TestContext.Current.CancellationToken);

        Assert.Equal(Ids(1), selection.Metas.Keys);
    }

    [Fact]
    public async Task Blocks_marked_to_be_left_alone_are_counted_and_stay()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        var bucket = new InMemoryBucket(TimeProvider.System);
        BlockMeta[] metas = [TestBlocks.Meta(1), TestBlocks.Meta(2), TestBlocks.Meta(3)];
        foreach (BlockMeta meta in metas) await bucket.PutAsync(meta);
        var marker = new BlockMarker(bucket, TimeProvider.System, NullLogger.Instance);
        await marker.MarkNoCompactAsync(TestBlocks.Id(1), NoCompactReason.Manual, "x", token);
        await marker.MarkNoDownsampleAsync(TestBlocks.Id(2), NoCompactReason.Manual, "x", token);
        var noCompact = new NoCompactMarkFilter(bucket, 4, NullLogger.Instance);
        var noDownsample = new NoDownsampleMarkFilter(bucket, 4, NullLogger.Instance);
        BlockSelection selection = TestBlocks.Select(Now, metas);

        await noCompact.ApplyAsync(selection, token);
        await noDownsample.ApplyAsync(selection, token);

        Assert.Equal(3, selection.Metas.Count);
        Assert.Equal(Ids(1), noCompact.Marks.Keys);
        Assert.Equal(Ids(2), noDownsample.Marks.Keys);
        Assert.Equal((1, 1), (selection.Removed[BlockState.MarkedForNoCompact], selection.Removed[BlockState.MarkedForNoDownsample]));
    }

    [Fact]
    public async Task A_selector_does_not_see_the_labels_that_replicas_differ_in()
    {
        RelabelRules rules = RelabelFile.ParseSelector("- {action: drop, source_labels: [replica], regex: a}");
        BlockSelection selection = TestBlocks.Select(Now, TestBlocks.Meta(1));

        await new SelectorFilter(rules, ["replica"]).ApplyAsync(selection, TestContext.Current.CancellationToken);
        Assert.Single(selection.Metas);

        await new SelectorFilter(rules).ApplyAsync(selection, TestContext.Current.CancellationToken);
        Assert.Empty(selection.Metas);
    }

    private static IEnumerable<BlockId> Duplicates(params BlockMeta[] metas) => DeduplicateFilter.FindDuplicates(metas).Order();

    private static BlockId[] Ids(params int[] numbers) => [.. numbers.Select(TestBlocks.Id)];

    private static Task MarkAsync(IBucket bucket, int id, DateTimeOffset time) => bucket.UploadAsync(
        BlockLayout.Key(TestBlocks.Id(id), BlockLayout.DeletionMarkFile),
        BlockMarkJson.ToUtf8(new DeletionMark(TestBlocks.Id(id), time)),
        CancellationToken.None);
}
