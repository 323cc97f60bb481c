using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

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
