using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor.Tests;

/// <summary>
/// A compactor that dies at any operation on its bucket, before or after it took place: readers miss nothing at that moment, and the next
/// one brings the bucket to the state it would have come to anyway.
/// </summary>
public sealed class CrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wherever_it_dies_the_bucket_comes_to_the_same_state_and_no_sample_is_lost_or_doubled()
    {
        var seed = new Random().Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        (IReadOnlyList<string> expected, var samples, int operations) = await UndisturbedAsync();
        Assert.InRange(operations, 60, 1000);
        var random = new Random(seed);
        for (var n = 0; n < operations; n++)
        {
            // Each place is tried in one of its two forms; over the runs both are.
            bool isAfter = random.Next(2) == 0, keepsDisk = random.Next(2) == 0;
            using TestBucket bucket = await NewAsync();
            await DieAtAsync(bucket, n, isAfter);
            string place = $"operation {n} ({(isAfter ? "after" : "before")}, {(keepsDisk ? "same" : "new")} disk, seed {seed})";

            AssertReadable(place, samples, await bucket.SamplesAsync(await ReadableAsync(bucket)));
            if (!keepsDisk) bucket.DataDirectory = bucket.NewFolder();
            await SettleAsync(bucket);
            Assert.True(expected.SequenceEqual(await DescribeAsync(bucket)), $"{place}: {string.Join("\n", await DescribeAsync(bucket))}\nexpected\n{string.Join("\n", expected)}");
            var counts = await bucket.SamplesAsync(await bucket.MetasAsync());
            Assert.True(samples.SetEquals(counts.Keys) && counts.Values.All(c => c == 1), place);
        }
    }

    private static async Task<TestBucket> NewAsync()
    {
        var bucket = new TestBucket();
        bucket.Options = bucket.Options with
        {
            Policy = new CompactionPolicy { ConsistencyDelay = TimeSpan.Zero, DownsamplingEnabled = true, RangesMs = [TestBucket.Hour, 2 * TestBucket.Hour, 8 * TestBucket.Hour] },
            Discovery = BlockDiscovery.Recursive,
        };
        // Two that overlap, three more that fill a window with them, one behind it, and a long one to downsample.
        await bucket.AddAsync(0, 2, stepMs: 600_000);
        await bucket.AddAsync(1, 4, stepMs: 600_000);
        await bucket.AddAsync(4, 6, stepMs: 600_000);
        await bucket.AddAsync(6, 8, stepMs: 600_000);
        await bucket.AddAsync(8, 10, stepMs: 600_000);
        await bucket.AddAsync(0, 48, Labels.Of("cluster", "b"), stepMs: 3_600_000);
        return bucket;
    }

    private static async Task<(IReadOnlyList<string> State, HashSet<(string Series, long Time, double Value)> Samples, int Operations)> UndisturbedAsync()
    {
        using TestBucket bucket = await NewAsync();
        await bucket.RunAsync();
        int operations = bucket.Faulty.Calls.Count;
        await SettleAsync(bucket);
        return (await DescribeAsync(bucket), [.. (await bucket.SamplesAsync(await bucket.MetasAsync())).Keys], operations);
    }

    private static async Task DieAtAsync(TestBucket bucket, int operation, bool isAfter)
    {
        var count = 0;
        var dead = false;
        bucket.Faulty.FailWhen = (_, _) =>
        {
            if (dead) return true;
            dead = count++ == operation;
            return dead && !isAfter;
        };
        bucket.Faulty.FailAfter = (_, _) => dead;
        using CompactorService service = bucket.New();
        // A process that dies reports nothing; what matters is that this one can reach nothing any more.
        await Record.ExceptionAsync(() => service.RunOnceAsync(Token));
        bucket.Faulty.FailWhen = bucket.Faulty.FailAfter = (_, _) => false;
    }

    /// <summary>Runs until nothing changes, with all delays over.</summary>
    private static async Task SettleAsync(TestBucket bucket)
    {
        for (var i = 0; i < 4; i++)
        {
            await bucket.RunAsync();
            bucket.Time.Advance(TimeSpan.FromHours(49));
        }
    }

    /// <summary>What a reader works with: complete blocks, without those that others replace.</summary>
    private static async Task<IEnumerable<BlockMeta>> ReadableAsync(TestBucket bucket)
    {
        List<BlockMeta> metas = await bucket.MetasAsync();
        var duplicates = DeduplicateFilter.FindDuplicates(metas).ToHashSet();
        return metas.Where(m => !duplicates.Contains(m.Id));
    }

    /// <summary>The source's own overlap may be read twice; nothing may be missing, and nothing new may be there.</summary>
    private static void AssertReadable(string place, HashSet<(string Series, long Time, double Value)> all, Dictionary<(string Series, long Time, double Value), int> readable)
    {
        // The downsampled block comes only with the run.
        Assert.True(all.Where(s => s.Series.StartsWith("0 ", StringComparison.Ordinal)).All(readable.ContainsKey), place);
        Assert.True(readable.Keys.All(all.Contains), place);
        Assert.True(readable.Values.All(c => c <= 2), place);
    }

    /// <summary>The blocks by what they hold, and any object that belongs to none of them.</summary>
    private static async Task<IReadOnlyList<string>> DescribeAsync(TestBucket bucket)
    {
        List<BlockMeta> metas = await bucket.MetasAsync();
        var lines = metas.Select(m => $"{m.Thanos.Labels} {m.Thanos.ResolutionMs} [{m.MinTimeMs}, {m.MaxTimeMs}) level {m.Compaction.Level} sources {m.Compaction.Sources.Count} samples {m.Stats.Samples}").ToList();
        var known = metas.Select(m => m.Id).ToHashSet();
        lines.AddRange(bucket.Memory.Keys.Where(k => !BlockLayout.TryBlockOf(k, out BlockId id) || !known.Contains(id)));
        lines.AddRange(bucket.Memory.Keys.Where(BlockLayout.IsMark));
        return lines;
    }
}
