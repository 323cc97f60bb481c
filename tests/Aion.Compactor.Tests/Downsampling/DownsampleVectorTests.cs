using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;
using FsCheck.Xunit;

namespace Aion.Compactor.Tests;

/// <summary>Downsampling of single series, by the vectors of the reference (L-8.18 … L-8.23).</summary>
public sealed class DownsampleVectorTests
{
    private const string FirstRaw = "20:1 40:2 60:3 80:1 100:2 101:stale 120:5 180:10 ";

    [Theory]
    [InlineData(
        100, FirstRaw + "250:1",
        "count 99:4 199:3 250:1|sum 99:7 199:17 250:1|min 99:1 199:2 250:1|max 99:3 199:10 250:1|counter 20:1 99:4 199:13 250:14 250:1")]
    [InlineData(
        100, FirstRaw + "250:2 260:1 300:10 340:15 380:25 420:35 460:stale 500:10 540:3",
        "count 99:4 199:3 299:2 399:3 499:1 540:2|sum 99:7 199:17 299:3 399:50 499:35 540:13|min 99:1 199:2 299:1 399:10 499:35 540:3"
        + "|max 99:3 199:10 299:2 399:25 499:35 540:10|counter 20:1 99:4 199:13 299:16 399:40 499:50 540:63 540:3")]
    public void Raw_floats(long resolution, string raw, string expected)
    {
        var batch = new SeriesBatch(1, new MemoryBudget(0, ""));

        new RawDownsampler(resolution).Run(Parse(raw), batch);

        Assert.Equal(expected, Assert.Single(Decode(batch)));
    }

    [Fact]
    public void Aggregates()
    {
        // L-8.20.
        var writer = new AggregateChunkWriter();
        var batch = new SeriesBatch(1, new MemoryBudget(0, ""));
        SampleBuffer counts = Parse("199:5 299:1 399:10 400:3 499:10 699:0 999:100");
        for (var i = 0; i < counts.Count; i++)
        {
            double other = counts.Times[i] == 400 ? -3 : counts.Values[i];
            writer.Add(Aggregate.Count, counts.Times[i], counts.Values[i]);
            writer.Add(Aggregate.Sum, counts.Times[i], counts.Values[i]);
            writer.Add(Aggregate.Min, counts.Times[i], other);
            writer.Add(Aggregate.Max, counts.Times[i], other);
            writer.EndWindow(counts.Times[i]);
        }

        SampleBuffer counters = Parse("99:100 299:150 499:210 499:10 599:20 799:50 999:120 999:50 1099:40 1199:80 1299:110");
        for (var i = 0; i < counters.Count; i++) writer.Add(Aggregate.Counter, counters.Times[i], counters.Values[i]);
        writer.Flush(batch);
        AggregateChunks parts = Split(batch)[0];
        batch.Clear();

        new AggregateDownsampler(500).Run([new AggregateSource(199, 999, AggregateKind.Float, 7, parts)], batch);

        Assert.Equal(
            "count 499:29 999:100|sum 499:29 999:100|min 499:-3 999:0|max 499:10 999:100|counter 99:100 499:210 999:320 1299:430 1299:110",
            Assert.Single(Decode(batch)));
    }

    [Fact]
    public void An_hour_that_is_not_over_ends_at_its_last_sample()
    {
        // L-8.22.
        const long First = 1587690005791, Last = 1587693590791;
        var writer = new AggregateChunkWriter();
        var batch = new SeriesBatch(1, new MemoryBudget(0, ""));
        writer.Add(Aggregate.Counter, First, 461968);
        for (var i = 1; i <= 12; i++)
        {
            long time = Math.Min(Last, 1587690000000 + (i * 300_000) - 1);
            writer.Add(Aggregate.Count, time, i == 12 ? 16 : 20);
            writer.Add(Aggregate.Sum, time, i);
            writer.Add(Aggregate.Min, time, i);
            writer.Add(Aggregate.Max, time, i);
            writer.Add(Aggregate.Counter, time, 461968 + (i * (511500 - 461968) / 12));
            writer.EndWindow(time);
        }

        writer.Add(Aggregate.Counter, Last, 14956);
        writer.Flush(batch);
        AggregateChunks parts = Split(batch)[0];
        batch.Clear();

        new AggregateDownsampler(3_600_000).Run([new AggregateSource(First, Last, AggregateKind.Float, 12, parts)], batch);

        Assert.Equal(
            $"count {Last}:236|sum {Last}:78|min {Last}:1|max {Last}:12|counter {First}:461968 {Last}:511500 {Last}:14956",
            Assert.Single(Decode(batch)));
    }

    [Fact]
    public void Chunks_that_do_not_divide_evenly_make_one_more()
    {
        // L-8.14: 7 chunks of 200 hours aim at 2, so 3 go into each, and one is left.
        const int Windows = 343;
        var sources = new List<AggregateSource>();
        for (var c = 0; c < 7; c++)
        {
            var writer = new AggregateChunkWriter();
            var made = new SeriesBatch(1, new MemoryBudget(0, ""));
            long from = (c * Windows * 300_000L) + 299_999;
            for (var i = 0; i < Windows; i++)
            {
                foreach (Aggregate aggregate in Enum.GetValues<Aggregate>()) writer.Add(aggregate, from + (i * 300_000L), 1);
                writer.EndWindow(from + (i * 300_000L));
            }

            writer.Flush(made);
            sources.Add(new AggregateSource(from, from + ((Windows - 1) * 300_000L), AggregateKind.Float, Windows, Split(made)[0]));
        }

        var batch = new SeriesBatch(1, new MemoryBudget(0, ""));
        new AggregateDownsampler(3_600_000).Run(sources, batch);

        Assert.Equal(3, batch.Results.Count);
        Assert.Equal(7 * Windows, Split(batch).Sum(p => Samples(p.Count).Values.ToArray().Sum()));
    }

    [Property(MaxTest = 300)]
    public void Whole_numbers_are_aggregated_as_others_are(int seed)
    {
        var random = new Random(seed);
        var samples = new SampleBuffer();
        long time = 0;
        double value = random.Next(100);
        for (int i = random.Next(1, 900); i > 0; i--)
        {
            samples.Add(time, value);
            time += random.Next(20) == 0 ? random.Next(900_000) : 15_000;
            value = random.Next(30) switch { 0 => 0, 1 => -0.0, 2 => random.Next(-5, 5), 3 => (1L << 35) + 1, 4 when seed % 2 == 0 => random.NextDouble(), _ => value + random.Next(9) };
        }

        var batch = new SeriesBatch(1, new MemoryBudget(0, ""));
        new RawDownsampler(300_000).Run(samples, batch);

        var at = 0;
        foreach (AggregateChunks chunk in Split(batch))
        {
            SampleBuffer counts = Samples(chunk.Count), sums = Samples(chunk.Sum), mins = Samples(chunk.Min), maxs = Samples(chunk.Max), counters = Samples(chunk.Counter);
            double total = samples.Values[at], previous = total;
            for (var w = 0; w < counts.Count; w++)
            {
                double sum = 0, min = samples.Values[at], max = min;
                for (double left = counts.Values[w]; left > 0; left--, at++)
                {
                    double v = samples.Values[at];
                    sum += v;
                    if (v < min) min = v;
                    if (v > max) max = v;
                    total += v >= previous ? v - previous : v;
                    previous = v;
                }

                Assert.Equal((Bits(sum), Bits(min), Bits(max), Bits(total)), (Bits(sums.Values[w]), Bits(mins.Values[w]), Bits(maxs.Values[w]), Bits(counters.Values[w + 1])));
            }

            Assert.Equal(Bits(previous), Bits(counters.Values[^1]));
        }

        Assert.Equal(samples.Count, at);
    }

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    [Fact]
    public void Resets_at_the_borders_of_chunks_are_counted_once()
    {
        // L-8.21: the iterated totals of one-window chunks.
        string[] chunks = ["10:1 30:5 30:5", "50:1 70:10 70:10", "120:1 140:20 140:20", "160:21 180:40 180:40"];
        var iterator = new CounterResetIterator();
        var totals = new SampleBuffer();

        foreach (string chunk in chunks) iterator.Add(Parse(chunk), totals);

        Assert.Equal("10:1 30:5 50:6 70:15 120:16 140:35 160:36 180:55", Text(totals));
    }

    [Fact]
    public void Identical_histograms_count_and_add_up()
    {
        // L-8.23.
        var samples = new SampleBuffer();
        for (var i = 0; i < 60; i++)
            samples.Add(i * 60_000, new FloatHistogram { Count = 6, Sum = 3, PositiveSpans = [new(0, 3)], PositiveBuckets = [1, 2, 3] });
        var batch = new SeriesBatch(1, new MemoryBudget(0, ""));

        new RawDownsampler(300_000).Run(samples, batch);

        AggregateChunks parts = Assert.Single(Split(batch));
        Assert.All(Samples(parts.Count).Values.ToArray(), count => Assert.Equal(5, count));
        Assert.All(Samples(parts.Sum).Histograms.ToArray(), sum => Assert.Equal([5, 10, 15], sum!.PositiveBuckets));
        Assert.All(Samples(parts.Counter).Histograms.ToArray(), counter => Assert.Equal([1, 2, 3], counter!.PositiveBuckets));
        batch.Clear();
        new AggregateDownsampler(3_600_000).Run([new AggregateSource(299_999, 3_540_000, AggregateKind.Exponential, 12, parts)], batch);
        AggregateChunks hour = Assert.Single(Split(batch));
        Assert.Equal([60, 120, 180], Assert.Single(Samples(hour.Sum).Histograms.ToArray())!.PositiveBuckets);
        Assert.Equal([1, 2, 3], Assert.Single(Samples(hour.Counter).Histograms.ToArray())!.PositiveBuckets);
    }

    [Fact]
    public void Exponential_and_custom_buckets_take_turns()
    {
        var samples = new SampleBuffer();
        for (var i = 0; i < 9; i++)
        {
            bool custom = i / 3 % 2 == 1;
            samples.Add(i * 60_000, new FloatHistogram
            {
                Schema = custom ? FloatHistogram.CustomBucketsSchema : 1,
                CustomValues = custom ? [1, 2] : [],
                Count = i,
                Sum = i,
                PositiveSpans = [new(0, 1)],
                PositiveBuckets = [i],
            });
        }

        var batch = new SeriesBatch(1, new MemoryBudget(0, ""));
        new RawDownsampler(300_000).Run(samples, batch);

        long[] times = [.. Split(batch).SelectMany(p => Samples(p.Count).Times.ToArray())];
        Assert.Equal(9, Split(batch).Sum(p => Samples(p.Count).Values.ToArray().Sum()));
        Assert.Equal(times, times.Order().Distinct());
    }

    private static SampleBuffer Parse(string text)
    {
        var samples = new SampleBuffer();
        foreach (string part in text.Split(' '))
        {
            string[] pair = part.Split(':');
            samples.Add(long.Parse(pair[0]), pair[1] == "stale" ? BitConverter.UInt64BitsToDouble(StaleMarker.Bits) : double.Parse(pair[1]));
        }

        return samples;
    }

    private static List<AggregateChunks> Split(SeriesBatch batch) => [.. batch.Results.Select(r =>
    {
        ChunkRecord.TryRead(batch.BytesOf(r).ToArray(), out Chunk chunk, out _);
        return AggregateChunkCodec.Split(chunk);
    })];

    private static List<string> Decode(SeriesBatch batch) => [.. Split(batch).Select(p =>
        $"count {Text(Samples(p.Count))}|sum {Text(Samples(p.Sum))}|min {Text(Samples(p.Min))}|max {Text(Samples(p.Max))}|counter {Text(Samples(p.Counter))}")];

    private static SampleBuffer Samples(Chunk chunk)
    {
        var samples = new SampleBuffer();
        ChunkDecoder.Decode(chunk, samples, long.MinValue, long.MaxValue);
        return samples;
    }

    private static string Text(SampleBuffer samples) => string.Join(' ', samples.Times.ToArray().Zip(samples.Values.ToArray(), (t, v) => $"{t}:{v}"));
}
