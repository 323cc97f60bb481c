using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;
using FsCheck.Xunit;

namespace Aion.StoreApi.Tests;

public sealed class StoreQuerierTests
{
    private static readonly Labels Name = Labels.Of("__name__", "m");

    private static readonly StoreQuerierOptions Dedup = new() { Dedup = ReplicaDedup.Penalty, ReplicaLabels = ["replica"] };

    [Theory]
    [InlineData("", 0, Aggregates.Count | Aggregates.Sum)]
    [InlineData("sum", 0, Aggregates.Count | Aggregates.Sum)]
    [InlineData("sum_over_time", 0, Aggregates.Sum)]
    [InlineData("min", 0, Aggregates.Min)]
    [InlineData("max_over_time", 0, Aggregates.Max)]
    [InlineData("count_over_time", 0, Aggregates.Count)]
    [InlineData("rate", 0, Aggregates.Counter)]
    [InlineData("xincrease", 0, Aggregates.Counter)]
    public async Task The_function_decides_the_aggregates(string function, long range, Aggregates expected)
    {
        SelectRequest request = await RequestOfAsync(function, range, new StoreQuerierOptions());

        Assert.Equal(expected, request.Aggregates);
        Assert.Equal("__cf_series_hash__", request.Hints!.SeriesHashLabel);
        Assert.Equal((64, ""), (request.BatchSize, request.Hints.Function));
    }

    [Theory]
    [InlineData("rate", 120_000, 60_000)]
    [InlineData("max_over_time", 120_000, 300_000)]
    [InlineData("delta", 3_600_000, 300_000)]
    [InlineData("rate", 0, 300_000)]
    public async Task A_function_of_two_samples_caps_the_resolution(string function, long range, long expected) => Assert.Equal(
        expected, (await RequestOfAsync(function, range, new StoreQuerierOptions { MaxResolutionMs = 300_000 })).MaxResolutionMs);

    [Fact]
    public async Task Replica_labels_are_dropped_only_while_deduplicating()
    {
        Assert.Equal(["replica"], (await RequestOfAsync("", 0, Dedup)).WithoutReplicaLabels);
        Assert.Empty((await RequestOfAsync("", 0, Dedup with { Dedup = ReplicaDedup.None })).WithoutReplicaLabels);
        Assert.Empty((await RequestOfAsync("", 0, Dedup with { ReplicaLabels = [] })).WithoutReplicaLabels);
    }

    [Fact]
    public async Task Chunks_of_a_series_are_read_one_after_another()
    {
        SampleBuffer samples = await ReadAsync("", [Raw((1, 1), (2, 2)), Raw((3, 3), (4, 4))], 2, 3);

        Assert.Equal([2, 3], samples.Times.ToArray());
        Assert.Equal([2, 3.0], samples.Values.ToArray());
    }

    [Fact]
    public async Task Without_deduplication_the_earlier_of_overlapping_chunks_wins()
    {
        SampleBuffer samples = await ReadAsync("", [Raw((1, 1), (3, 1), (5, 1)), Raw((2, 2), (5, 2), (6, 2), (7, 2))], 0, 6, new StoreQuerierOptions());

        Assert.Equal([1, 3, 5, 6], samples.Times.ToArray());
        Assert.Equal([1, 1, 1, 2.0], samples.Values.ToArray());
    }

    [Fact]
    public async Task Overlapping_chunks_are_replicas()
    {
        SeriesChunk[] chunks = [Raw((10_000, 1), (20_000, 1), (40_000, 1)), Raw((10_000, 2), (20_000, 2), (30_000, 2), (90_000, 2))];

        SampleBuffer penalty = await ReadAsync("", chunks, 0, 100_000, Dedup);
        SampleBuffer chain = await ReadAsync("", chunks, 15_000, 100_000, Dedup with { Dedup = ReplicaDedup.Chain });

        Assert.Equal([10_000, 20_000, 40_000, 90_000], penalty.Times.ToArray());
        Assert.Equal([1, 1, 1, 2.0], penalty.Values.ToArray());
        Assert.Equal([20_000, 30_000, 40_000, 90_000], chain.Times.ToArray());
        Assert.Equal([1, 2, 1, 2.0], chain.Values.ToArray());
    }

    [Fact]
    public async Task Raw_counters_keep_their_resets()
    {
        SeriesChunk[] chunks = [Raw((10_000, 5), (20_000, 9), (30_000, 1)), Raw((40_000, 3), (50_000, 2))];

        await AssertValuesAsync([5, 9, 1, 3, 2.0], "rate", chunks, 0, 60_000);
        await AssertValuesAsync([5, 9, 1, 3, 2.0], "resets", chunks, 0, 60_000);
    }

    /// <summary>L-8.17.</summary>
    [Fact]
    public async Task Downsampled_counters_rise_over_their_resets()
    {
        SeriesChunk[] chunks =
        [
            Counter((100, 10), (200, 20), (300, 10), (400, 20), (400, 5)),
            Counter((500, 10), (600, 20), (700, 30), (800, 40), (800, 10)),
            Counter((900, 5), (1000, 10), (1100, 15)),
            Counter((1200, 20), (1250, StaleMarker.Value), (1300, 40)),
            Counter((1400, 30), (1500, 30), (1600, 50)),
        ];

        SampleBuffer samples = await ReadAsync("rate", chunks, 150, 1500);

        Assert.Equal([200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1300, 1400, 1500], samples.Times.ToArray());
        Assert.Equal([20, 30, 40, 45, 55, 65, 75, 80, 85, 90, 95, 115, 145, 145.0], samples.Values.ToArray());
    }

    [Fact]
    public async Task Raw_data_after_downsampled_goes_on_where_that_ended()
    {
        // The counter was reset once inside the window: total 30, true value 20. Raw goes on from 20, and is reset at 60.
        SeriesChunk[] chunks = [Counter((10, 10), (20, 30), (20, 20)), Raw((30, 21), (40, 25), (50, StaleMarker.Value), (60, 2), (70, 4))];

        SampleBuffer samples = await ReadAsync("increase", chunks, 0, 100);

        Assert.Equal([10, 30, 31, 35, StaleMarker.Value, 2, 4], samples.Values.ToArray());
    }

    [Fact]
    public async Task Points_are_averages_or_what_the_function_wants()
    {
        SeriesChunk chunk = Aggregated(count: [(10, 4), (20, 2)], sum: [(10, 10), (20, 8)], min: [(10, 1), (20, 3)], max: [(10, 7), (20, 5)]);

        await AssertValuesAsync([2.5, 4], "avg_over_time", [chunk], 0, 100);
        await AssertValuesAsync([2.5], "", [chunk], 0, 10);
        await AssertValuesAsync([10, 8.0], "sum_over_time", [chunk], 0, 100);
        await AssertValuesAsync([1, 3.0], "min", [chunk], 0, 100);
        await AssertValuesAsync([7, 5.0], "max_over_time", [chunk], 0, 100);
        await AssertValuesAsync([4, 2.0], "count", [chunk], 0, 100);
    }

    [Fact]
    public async Task Count_over_time_counts_what_the_points_stand_for()
    {
        SeriesChunk chunk = Aggregated(count: [(10, 4), (20, 2)], sum: [(10, 10), (20, 8)], min: [], max: []);

        SampleSeries mixed = await SeriesAsync("count_over_time", [chunk, Raw((30, 77), (40, StaleMarker.Value))], new StoreQuerierOptions());
        SampleSeries raw = await SeriesAsync("count_over_time", [Raw((30, 77))], new StoreQuerierOptions());
        var samples = new SampleBuffer();
        mixed.Read(0, 100, samples);

        Assert.True(mixed.ValuesAreCounts);
        Assert.False(raw.ValuesAreCounts);
        Assert.Equal([4, 2, 1, StaleMarker.Value], samples.Values.ToArray());
    }

    [Fact]
    public async Task Damage_names_the_series_and_the_chunk()
    {
        var damaged = new SeriesChunk(5, 9, new Chunk(ChunkEncoding.Xor, new byte[] { 0xFF }));
        SeriesChunk missing = Counter((1, 1));

        var corrupt = await Assert.ThrowsAsync<StoreException>(() => ReadAsync("", [damaged], 0, 100));
        var absent = await Assert.ThrowsAsync<StoreException>(() => ReadAsync("min", [missing], 0, 100));
        var backwards = await Assert.ThrowsAsync<StoreException>(() => ReadAsync("", [Raw((5, 1), (4, 1))], 0, 100));

        Assert.Equal(StoreErrorKind.DataLoss, corrupt.Kind);
        Assert.StartsWith("series {__name__=\"m\"}, chunk [5, 9]: ", corrupt.Message, StringComparison.Ordinal);
        Assert.EndsWith("the min aggregate was asked for and is not there", absent.Message, StringComparison.Ordinal);
        Assert.EndsWith("timestamps go back", backwards.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stretches_of_a_series_come_as_one_over_any_store()
    {
        var store = new InMemoryStore("memory", Labels.Empty,
        [
            new ChunkSeries(Labels.Of("__name__", "m", "replica", "a"), [Raw((1, 1))]), new ChunkSeries(Labels.Of("__name__", "m", "replica", "b"), [Raw((2, 2))]),
            new ChunkSeries(Labels.Of("__name__", "n", "replica", "b"), [Raw((1, 3))]),
        ]);
        var querier = new StoreQuerier(store, Dedup);
        using var budget = new MemoryBudget(10_000, "--flag");

        List<SampleSeries> series = [];
        await foreach (var batch in querier.SelectAsync(Hints("") with { Budget = budget }, default)) series.AddRange(batch);
        var samples = new SampleBuffer();
        series[0].Read(0, 100, samples);

        Assert.Equal(["m", "n"], series.Select(s => s.Labels.GetValueOrNull("__name__")));
        Assert.Equal([1, 2], samples.Times.ToArray());
        Assert.Equal(0, budget.UsedBytes);
    }

    [Property]
    public bool Identical_replicas_read_like_one(int[] steps)
    {
        (long, double)[] samples = [.. steps.Select((s, i) => ((long)i * 15_000 + Math.Abs(s % 100), (double)s))];
        if (samples.Length == 0) return true;
        SeriesChunk[] whole = [Raw(samples)];
        SeriesChunk[] twice = [Raw(samples), .. samples.Chunk(7).Select(Raw)];

        SampleBuffer one = ReadAsync("", whole, 20_000, 2_000_000, Dedup).GetAwaiter().GetResult();
        SampleBuffer two = ReadAsync("", twice, 20_000, 2_000_000, Dedup).GetAwaiter().GetResult();

        return one.Times.SequenceEqual(two.Times) && one.Values.SequenceEqual(two.Values);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Memory_of_a_batch_is_used_anew_when_the_batch_after_the_next_one_is_asked_for(bool readOnce)
    {
        var store = new InMemoryStore("memory", Labels.Empty, [.. Enumerable.Range(0, 12).Select(Pooled)]);
        var batches = new List<IReadOnlyList<SampleSeries>>();
        await foreach (var batch in new StoreQuerier(store, new StoreQuerierOptions()).SelectAsync(Hints("") with { IsReadOnce = readOnce }, default))
        {
            batches.Add(batch);
            Assert.All(batches.TakeLast(2).SelectMany(b => b), s => Assert.Equal(1, CountOf(s)));
            if (batches.Count < 3) continue;
            if (readOnce) Assert.ThrowsAny<ArgumentException>(() => CountOf(batches[^3][0]));
            else Assert.Equal(1, CountOf(batches[^3][0]));
        }

        Assert.True(batches.Count > 3);

        static ChunkSeries Pooled(int number)
        {
            Chunk chunk = Encode([(1, number)]);
            ChunkBuffer buffer = ChunkBuffer.Rent(chunk.Data.Length);
            chunk.Data.CopyTo(buffer.Memory);
            buffer.Hold(1);
            return new ChunkSeries(Labels.Of("__name__", $"m{number:00}"), [new SeriesChunk(1, 1, chunk with { Data = buffer.Memory })]);
        }

        static int CountOf(SampleSeries series)
        {
            var samples = new SampleBuffer();
            series.Read(0, 10, samples);
            return samples.Count;
        }
    }

    private static async Task<SelectRequest> RequestOfAsync(string function, long rangeMs, StoreQuerierOptions options)
    {
        var store = new InMemoryStore("memory", Labels.Empty, []);
        await foreach (var _ in new StoreQuerier(store, options).SelectAsync(Hints(function, rangeMs), default))
        {
        }

        return Assert.Single(store.Requests);
    }

    private static Task<SampleBuffer> ReadAsync(string function, SeriesChunk[] chunks, long minMs, long maxMs) =>
        ReadAsync(function, chunks, minMs, maxMs, Dedup);

    private static async Task<SampleBuffer> ReadAsync(string function, SeriesChunk[] chunks, long minMs, long maxMs, StoreQuerierOptions options)
    {
        var samples = new SampleBuffer();
        (await SeriesAsync(function, chunks, options)).Read(minMs, maxMs, samples);
        return samples;
    }

    private static async Task AssertValuesAsync(double[] expected, string function, SeriesChunk[] chunks, long minMs, long maxMs)
    {
        SampleBuffer samples = await ReadAsync(function, chunks, minMs, maxMs);
        Assert.Equal(expected, samples.Values.ToArray());
    }

    private static async Task<SampleSeries> SeriesAsync(string function, SeriesChunk[] chunks, StoreQuerierOptions options)
    {
        var store = new InMemoryStore("memory", Labels.Empty, [new ChunkSeries(Name, chunks)]);
        var series = new List<SampleSeries>();
        await foreach (var batch in new StoreQuerier(store, options).SelectAsync(Hints(function), default)) series.AddRange(batch);
        return Assert.Single(series);
    }

    private static SelectHints Hints(string function, long rangeMs = 0) => new()
    {
        Matchers = [LabelMatcher.Equal("x", "")],
        MinTimeMs = long.MinValue,
        MaxTimeMs = long.MaxValue,
        Warnings = new QueryWarnings(),
        Query = new QueryHints { Function = function, RangeMs = rangeMs },
    };

    private static SeriesChunk Raw(params (long Time, double Value)[] samples) => new(samples[0].Time, samples[^1].Time, Encode(samples));

    private static SeriesChunk Counter(params (long Time, double Value)[] samples) => new(
        samples[0].Time, samples[^1].Time, default, new AggregateChunks(default, default, default, default, Encode(samples)));

    private static SeriesChunk Aggregated((long, double)[] count, (long, double)[] sum, (long, double)[] min, (long, double)[] max) => new(
        count[0].Item1, count[^1].Item1, default, new AggregateChunks(Encode(count), Encode(sum), Encode(min), Encode(max), default));

    private static Chunk Encode((long Time, double Value)[] samples)
    {
        if (samples.Length == 0) return default;
        var writer = new XorChunkWriter();
        foreach ((long time, double value) in samples) writer.Append(time, value);
        return writer.ToChunk();
    }
}
