using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.Testing;

namespace Aion.Compactor.Tests;

/// <summary>A second compactor on the same groups, started by mistake.</summary>
public sealed class TwoCompactorsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_slower_one_sees_that_its_sources_are_taken_and_gives_up()
    {
        using var bucket = new TestBucket();
        await bucket.AddAsync(0, 2);
        await bucket.AddAsync(1, 3);
        using var other = new TestBucket(bucket.Memory, bucket.Time);
        // The other one does everything while this one merges.
        using var slow = new TestBucket(bucket.Memory, bucket.Time) { Work = new PlainBlockWork { Before = () => other.RunAsync().GetAwaiter().GetResult() } };
        using CompactorService service = slow.New(null, out ComponentContext context);

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => service.RunOnceAsync(Token));

        Assert.Contains("does another compactor work on this bucket?", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await BucketCompactorTests.ValueAsync(context, "aion_compact_conflicts_total"));
        Assert.Equal("[0,3)", TestBucket.Draw(await bucket.LiveAsync()));
    }

    [Fact]
    public async Task A_result_that_is_not_marked_yet_is_found_by_its_sources()
    {
        using var bucket = new TestBucket();
        BlockMeta first = await bucket.AddAsync(0, 2), second = await bucket.AddAsync(1, 3);
        var plan = new CompactionPlan(Assert.Single(BlockGroup.Of([first, second])), CompactionReason.Overlap, [first, second], []);
        var check = new ConflictCheck(bucket.Memory, []);
        HashSet<BlockId> known = [first.Id, second.Id];
        var nothing = new Dictionary<BlockId, BlockMeta>();
        Assert.Null(await check.FindAsync(plan, known, nothing, Token));

        BlockMeta other = await bucket.AddAsync(0, 3);
        BlockMeta theirs = other with { Compaction = new BlockCompaction { Level = 2, Sources = [first.Id] } };
        await bucket.Memory.UploadAsync(BlockLayout.MetaKey(other.Id), new MemoryStream(BlockMetaWriter.ToUtf8(theirs)), Aion.ObjectStorage.UploadCondition.None, Token);
        Assert.Contains(other.Id.ToString(), await check.FindAsync(plan, known, nothing, Token), StringComparison.Ordinal);
        Assert.Null(await check.FindAsync(plan, known.Append(other.Id).ToHashSet(), nothing, Token));
    }

    [Fact]
    public async Task Two_at_the_same_moment_end_with_one_block_and_every_sample_once()
    {
        var seed = new Random().Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 10; round++)
        {
            using var bucket = new TestBucket();
            for (var i = 0; i < 5; i++) await bucket.AddAsync(i * 2, (i + 1) * 2, stepMs: 600_000);
            await bucket.AddAsync(1, 3, stepMs: 600_000);
            var samples = (await bucket.SamplesAsync(await bucket.MetasAsync())).Keys.ToHashSet();
            using var other = new TestBucket(bucket.Memory, bucket.Time);
            // Their operations interleave in a random order.
            foreach (FaultyBucket faulty in new[] { bucket.Faulty, other.Faulty })
            {
                faulty.Before = async (_, _) =>
                {
                    int turns;
                    lock (random) turns = random.Next(4);
                    for (var i = 0; i < turns; i++) await Task.Yield();
                };
            }

            await Task.WhenAll(Record.ExceptionAsync(() => bucket.RunAsync()).AsTask(), Record.ExceptionAsync(() => other.RunAsync()).AsTask());
            for (var i = 0; i < 3; i++)
            {
                await bucket.RunAsync();
                bucket.Time.Advance(TimeSpan.FromHours(49));
            }

            var left = await bucket.SamplesAsync(await bucket.MetasAsync());
            Assert.True(samples.SetEquals(left.Keys), $"round {round}, seed {seed}");
            Assert.True(left.Values.All(n => n == 1), $"round {round}, seed {seed}: {TestBucket.Draw(await bucket.MetasAsync())}");
        }
    }
}
