using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb.Tests;

/// <summary>What fits a histogram chunk, what widens it, and what starts a new one (format notes F-6.20 … F-6.26).</summary>
public sealed class HistogramChunkWriterTests
{
    [Fact]
    public void New_buckets_recode_the_chunk_as_in_the_format_notes()
    {
        var writer = HistogramChunkWriter.Start(0, Of(30, [new(0, 2), new(2, 1), new(3, 2), new(3, 1), new(1, 1)], [6, -3, 0, -1, 2, 1, -4]));
        Histogram wide = Of(60, [new(0, 3), new(1, 1), new(1, 4), new(3, 3)], [7, -2, -4, 2, -2, 4, 0, 1, 2, -1, 1]);

        Assert.Equal(HistogramAppendResult.Recoded, writer.TryAppend(1, wide, out _));

        List<HistogramSample> samples = ChunkDecoder.DecodeHistograms(writer.ToChunk());
        Assert.Equal([6, -3, -3, 3, -3, 0, 2, 2, 1, -5, 1], samples[0].Histogram.PositiveBuckets);
        Assert.Equal(wide.PositiveSpans, samples[0].Histogram.PositiveSpans);
        Assert.Equal(wide.PositiveBuckets, samples[1].Histogram.PositiveBuckets);
    }

    [Fact]
    public void A_missing_empty_bucket_widens_the_sample()
    {
        var writer = HistogramChunkWriter.Start(0, Of(3, [new(0, 3)], [1, -1, 2]));

        Assert.Equal(HistogramAppendResult.Appended, writer.TryAppend(1, Of(5, [new(0, 1), new(1, 1)], [2, 1]), out _));

        Assert.Equal([2, -2, 3], ChunkDecoder.DecodeHistograms(writer.ToChunk())[1].Histogram.PositiveBuckets);
    }

    [Fact]
    public void Both_sides_missing_buckets_meet_in_the_union()
    {
        var writer = FloatHistogramChunkWriter.Start(0, OfFloats(1, [new(0, 1), new(2, 1)], [1, 0]));

        Assert.Equal(HistogramAppendResult.Recoded, writer.TryAppend(1, OfFloats(3, [new(0, 2)], [1, 2]), out _));

        var samples = new SampleBuffer();
        ChunkDecoder.Decode(writer.ToChunk(), samples, 0, 1);
        Assert.Equal([1, 0, 0], samples.Histograms[0]!.PositiveBuckets);
        Assert.Equal([1, 2, 0], samples.Histograms[1]!.PositiveBuckets);
        Assert.Equal([new(0, 2), new(1, 1)], samples.Histograms[1]!.PositiveSpans);
    }

    [Theory]
    [InlineData("count falls", CounterResetHeader.Reset)]
    [InlineData("zero count falls", CounterResetHeader.Reset)]
    [InlineData("bucket falls", CounterResetHeader.Reset)]
    [InlineData("bucket vanishes", CounterResetHeader.Reset)]
    [InlineData("schema", CounterResetHeader.Unknown)]
    [InlineData("zero threshold", CounterResetHeader.Unknown)]
    [InlineData("explicit reset", CounterResetHeader.Reset)]
    [InlineData("gauge", CounterResetHeader.Gauge)]
    public void Starts_a_new_chunk(string change, CounterResetHeader header)
    {
        Histogram first = Of(10, [new(0, 2)], [4, 0]), next = Of(20, [new(0, 2)], [5, 0]);
        first.ZeroCount = next.ZeroCount = 2;
        switch (change)
        {
            case "count falls": next.Count = 9; break;
            case "zero count falls": next.ZeroCount = 1; break;
            case "bucket falls": next.PositiveBuckets = [3, 9]; break;
            case "bucket vanishes": next.PositiveSpans = [new(0, 1)]; next.PositiveBuckets = [9]; break;
            case "schema": next.Schema = 3; break;
            case "zero threshold": next.ZeroThreshold = 0.5; break;
            case "explicit reset": next.CounterResetHint = CounterResetHint.Reset; break;
            default: next.CounterResetHint = CounterResetHint.Gauge; break;
        }

        var writer = HistogramChunkWriter.Start(0, first);

        Assert.Equal(HistogramAppendResult.NewChunk, writer.TryAppend(1, next, out CounterResetHeader newHeader));
        Assert.Equal(header, newHeader);
        Assert.Equal(1, writer.Count);
        Assert.Equal(header, HistogramChunkWriter.Start(1, next, writer).Header);
    }

    [Fact]
    public void After_a_stale_sample_only_stale_ones_fit()
    {
        var writer = HistogramChunkWriter.Start(0, Of(10, [new(0, 1)], [4]));

        Assert.Equal(HistogramAppendResult.Appended, writer.TryAppend(1, new Histogram { Sum = StaleMarker.Value }, out _));
        Assert.Equal(HistogramAppendResult.Appended, writer.TryAppend(2, new Histogram { Sum = StaleMarker.Value }, out _));
        Assert.Equal(HistogramAppendResult.NewChunk, writer.TryAppend(3, Of(11, [new(0, 1)], [4]), out CounterResetHeader header));

        Assert.Equal(CounterResetHeader.Unknown, header);
        Assert.Equal([false, true, true], ChunkDecoder.DecodeHistograms(writer.ToChunk()).Select(s => s.Histogram.IsStale));
    }

    [Fact]
    public void Gauges_may_fall_and_gain_and_lose_buckets()
    {
        Histogram first = Of(10, [new(0, 1), new(1, 1)], [4, 2]), next = Of(1, [new(1, 1)], [1]);
        first.CounterResetHint = next.CounterResetHint = CounterResetHint.Gauge;
        var writer = HistogramChunkWriter.Start(0, first);

        Assert.Equal(HistogramAppendResult.Recoded, writer.TryAppend(1, next, out _));

        List<HistogramSample> samples = ChunkDecoder.DecodeHistograms(writer.ToChunk());
        Assert.Equal([4, -4, 6], samples[0].Histogram.PositiveBuckets);
        Assert.Equal([0, 1, -1], samples[1].Histogram.PositiveBuckets);
        Assert.All(samples, s => Assert.Equal(CounterResetHint.Gauge, s.Histogram.CounterResetHint));
    }

    [Fact]
    public void Spans_that_do_not_fit_the_buckets_are_refused() =>
        Assert.Throws<ArgumentException>(() => HistogramChunkWriter.Start(0, Of(1, [new(0, 2)], [1])));

    private static Histogram Of(ulong count, BucketSpan[] spans, long[] buckets) =>
        new() { Schema = 1, ZeroThreshold = 0.01, Count = count, Sum = count, PositiveSpans = spans, PositiveBuckets = buckets };

    private static FloatHistogram OfFloats(double count, BucketSpan[] spans, double[] buckets) =>
        new() { Schema = 1, ZeroThreshold = 0.01, Count = count, Sum = count, PositiveSpans = spans, PositiveBuckets = buckets };
}
