using Aion.Model;
using Aion.Storage;
using FsCheck.Xunit;

namespace Aion.Tsdb.Tests;

/// <summary>Encoding and decoding keeps every bit; damage is found or harmless, never a crash.</summary>
public sealed class ChunkRoundTripTests
{
    [Property(MaxTest = 500)]
    public void XOR_chunks_keep_every_bit_pattern(long[] times, ulong[] bits)
    {
        int count = Math.Min(times.Length, bits.Length);
        var writer = new XorChunkWriter();
        for (var i = 0; i < count; i++) writer.Append(times[i], BitConverter.UInt64BitsToDouble(bits[i]));
        var samples = new SampleBuffer();

        ChunkDecoder.Decode(writer.ToChunk(), samples, long.MinValue, long.MaxValue);

        Assert.Equal(times[..count], samples.Times.ToArray());
        Assert.Equal(bits[..count], samples.Values.ToArray().Select(BitConverter.DoubleToUInt64Bits));
    }

    [Property(MaxTest = 500)]
    public void XOR_chunks_written_in_one_go_are_those_written_sample_by_sample(int seed)
    {
        var random = new Random(seed);
        int count = random.Next(300);
        var times = new long[count];
        var values = new double[count];
        long time = random.NextInt64(1L << 41), step = random.Next(60_000);
        double value = random.Next(1000);
        for (var i = 0; i < count; i++)
        {
            times[i] = time;
            values[i] = value;
            time += random.Next(6) == 0 ? step = random.Next(10) == 0 ? random.NextInt64(-1L << 50, 1L << 50) : random.Next(1 << random.Next(1, 30)) : step;
            value = random.Next(5) switch { 0 => value, 1 => value + random.Next(50), 2 => random.NextDouble(), 3 => -value, _ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)) };
        }

        XorChunkWriter one = new(), burst = new();
        for (var i = 0; i < count; i++) one.Append(times[i], values[i]);
        for (var from = 0; from < count;)
        {
            int length = Math.Min(count - from, random.Next(1, 200));
            if (random.Next(5) == 0) burst.Append(times[from], values[from++]);
            else burst.AppendRange(times.AsSpan(from, length), values.AsSpan(from, length));
            if (burst.Count > from) from += length;
        }

        Assert.Equal(one.Count, burst.Count);
        Assert.Equal(one.ToChunk().Data.ToArray(), burst.ToChunk().Data.ToArray());
    }

    [Property(MaxTest = 300)]
    public void XOR_chunks_of_regular_series_keep_every_value(int seed)
    {
        var random = new Random(seed);
        var writer = new XorChunkWriter();
        var expected = new SampleBuffer();
        long time = random.NextInt64(1L << 41);
        double value = random.Next(1000);
        for (int left = random.Next(1, 400); left > 0; left--)
        {
            time += 15_000 + (random.Next(4) == 0 ? random.Next(-20_000, 2_000_000) : 0);
            value = random.Next(5) switch { 0 => value, 1 => value + 1, 2 => random.NextDouble(), 3 => StaleMarker.Value, _ => random.Next(100_000) };
            expected.Add(time, value);
            writer.Append(time, value);
        }

        var samples = new SampleBuffer();
        ChunkDecoder.Decode(writer.ToChunk(), samples, long.MinValue, long.MaxValue);

        Assert.Equal(SampleText.Of(expected), SampleText.Of(samples));
    }

    [Property(MaxTest = 300)]
    public void XOR2_chunks_keep_every_bit_pattern_and_start(int seed)
    {
        var random = new Random(seed);
        var writer = new Xor2ChunkWriter();
        var expected = new SampleBuffer();
        long time = random.NextInt64(1L << 41), start = random.Next(2) * (time - 1000);
        double value = 1;
        for (int left = random.Next(1, 300); left > 0; left--)
        {
            time += random.Next(6) == 0 ? random.NextInt64(-1L << random.Next(40), 1L << random.Next(1, 40)) : 15_000;
            value = random.Next(5) switch { 0 => value, 1 => StaleMarker.Value, 2 => BitConverter.Int64BitsToDouble(random.NextInt64()), _ => random.Next(99) };
            start = random.Next(9) switch { 0 => time - 1, 1 => 0, 2 => random.NextInt64(), _ => start };
            expected.Add(time, value);
            expected.SetStartTime(expected.Count - 1, start);
            writer.Append(time, value, start);
        }

        var samples = new SampleBuffer();
        ChunkDecoder.Decode(writer.ToChunk(), samples, long.MinValue, long.MaxValue);

        Assert.Equal(SampleText.Of(expected), SampleText.Of(samples));
    }

    [Property(MaxTest = 300)]
    public void Histograms_keep_their_starts_also_when_recoded(int seed)
    {
        var random = new Random(seed);
        Histogram first = RandomHistogram(random);
        first.CounterResetHint = CounterResetHint.Gauge;
        var integers = new HistogramChunkWriter(withStartTimes: true);
        var floats = new FloatHistogramChunkWriter(withStartTimes: true);
        var starts = new List<long>();
        for (int left = random.Next(1, 200); left > 0; left--)
        {
            Histogram next = starts.Count == 0 ? first : RandomHistogram(random);
            (next.Schema, next.ZeroThreshold, next.CustomValues, next.CounterResetHint) =
                (first.Schema, first.ZeroThreshold, first.CustomValues, CounterResetHint.Gauge);
            long start = random.Next(3) == 0 ? random.NextInt64(1L << 50) : starts.LastOrDefault();
            Assert.NotEqual(HistogramAppendResult.NewChunk, integers.TryAppend(starts.Count * 1000, next, out _, start));
            Assert.NotEqual(HistogramAppendResult.NewChunk, floats.TryAppend(starts.Count * 1000, next.ToFloat(), out _, start));
            starts.Add(start);
        }

        Assert.Equal(starts, ChunkDecoder.DecodeHistograms(integers.ToChunk()).Select(s => s.StartMs));
        var samples = new SampleBuffer();
        ChunkDecoder.Decode(floats.ToChunk(), samples, long.MinValue, long.MaxValue);
        Assert.Equal(starts, samples.HasStartTimes ? samples.StartTimes.ToArray() : new long[samples.Count]);
    }

    [Property(MaxTest = 300)]
    public void Integer_histograms_keep_every_field(int seed)
    {
        var random = new Random(seed);
        Histogram first = RandomHistogram(random);
        var writer = HistogramChunkWriter.Start(random.NextInt64(), first);
        var expected = new List<Histogram> { first };
        for (var i = 0; i < random.Next(20); i++)
        {
            Histogram next = RandomHistogram(random);
            (next.Schema, next.ZeroThreshold, next.CustomValues) = (first.Schema, first.ZeroThreshold, first.CustomValues);
            if (writer.TryAppend(random.NextInt64(), next, out _) != HistogramAppendResult.NewChunk) expected.Add(next);
        }

        List<HistogramSample> samples = ChunkDecoder.DecodeHistograms(writer.ToChunk());

        // Recoding moves buckets to other spans: compare by bucket index, without the empty ones.
        Assert.Equal(expected.Select(h => Counts(h.ToFloat())), samples.Select(s => Counts(s.Histogram.ToFloat())));
    }

    [Property(MaxTest = 300)]
    public void Float_histograms_keep_every_field(int seed)
    {
        var random = new Random(seed);
        FloatHistogram first = RandomHistogram(random).ToFloat();
        first.PositiveBuckets = [.. first.PositiveBuckets.Select(_ => random.NextDouble() * 100)];
        var writer = FloatHistogramChunkWriter.Start(random.NextInt64(), first);
        var expected = new List<FloatHistogram> { first };
        for (var i = 0; i < random.Next(20); i++)
        {
            FloatHistogram next = RandomHistogram(random).ToFloat();
            (next.Schema, next.ZeroThreshold, next.CustomValues) = (first.Schema, first.ZeroThreshold, first.CustomValues);
            if (writer.TryAppend(random.NextInt64(), next, out _) != HistogramAppendResult.NewChunk) expected.Add(next);
        }

        var samples = new SampleBuffer();
        ChunkDecoder.Decode(writer.ToChunk(), samples, long.MinValue, long.MaxValue);

        Assert.Equal(expected.Select(Counts), samples.Histograms.ToArray().Select(h => Counts(h!)));
    }

    [Property(MaxTest = 500)]
    public void Flipped_bits_and_cuts_give_samples_or_a_corruption_exception(int seed)
    {
        var random = new Random(seed);
        Chunk chunk = random.Next(3) switch
        {
            0 => FloatChunk(random),
            1 => HistogramChunkWriter.Start(random.NextInt64(), RandomHistogram(random)).ToChunk(),
            _ => FloatHistogramChunkWriter.Start(random.NextInt64(), RandomHistogram(random).ToFloat()).ToChunk(),
        };
        byte[] data = chunk.Data.ToArray();
        for (var i = 0; i < 3; i++) data[random.Next(data.Length)] ^= (byte)(1 << random.Next(8));
        var samples = new SampleBuffer();
        samples.Add(1, 1);

        try
        {
            ChunkDecoder.Decode(chunk with { Data = data.AsMemory(0, random.Next(data.Length + 1)) }, samples, long.MinValue, long.MaxValue);
        }
        catch (TsdbCorruptionException)
        {
            Assert.Equal(1, samples.Count);
        }
    }

    [Property(MaxTest = 300)]
    public void Aggregates_join_and_split_to_the_same(byte[] count, byte[]? sum, byte[]? max)
    {
        static Chunk Of(byte[]? data) => data is { Length: > 0 } ? new Chunk(ChunkEncoding.Xor, data) : default;

        AggregateChunks split = AggregateChunkCodec.Split(AggregateChunkCodec.Join(new(Of(count), Of(sum), default, Of(max), Of(count))));

        Assert.Equal([Text(Of(count)), Text(Of(sum)), "", Text(Of(max)), Text(Of(count))], new[] { split.Count, split.Sum, split.Min, split.Max, split.Counter }.Select(Text));
        static string Text(Chunk chunk) => Convert.ToHexString(chunk.Data.Span);
    }

    private static Chunk FloatChunk(Random random)
    {
        var writer = new XorChunkWriter();
        for (int left = random.Next(1, 200); left > 0; left--) writer.Append(left * -1000L, random.Next(4) == 0 ? random.NextDouble() : 1);
        return writer.ToChunk();
    }

    private static Histogram RandomHistogram(Random random)
    {
        int buckets = random.Next(6);
        int schema = random.Next(3) == 0 ? FloatHistogram.CustomBucketsSchema : random.Next(-4, 9);
        double[] thresholds = [0, Math.ScaleB(1, random.Next(-243, 11)), random.NextDouble(), 1e-300];
        return new Histogram
        {
            Schema = schema,
            ZeroThreshold = thresholds[random.Next(4)],
            ZeroCount = (ulong)random.NextInt64(100),
            Count = (ulong)random.NextInt64(),
            Sum = random.NextDouble() * 1000,
            PositiveSpans = [.. Enumerable.Range(0, buckets).Select(i => new BucketSpan(i == 0 ? random.Next(-9, 9) : random.Next(3), 1))],
            PositiveBuckets = [.. Enumerable.Range(0, buckets).Select(_ => random.NextInt64(1L << random.Next(1, 60)))],
            CustomValues = schema == FloatHistogram.CustomBucketsSchema ? [0.001, 1.5, random.NextDouble(), 1e9] : [],
        };
    }

    private static string Counts(FloatHistogram h)
    {
        var counts = new List<string>();
        int index = 0, bucket = 0;
        foreach (BucketSpan span in h.PositiveSpans)
        {
            index += span.Offset;
            for (uint i = 0; i < span.Length; i++, index++, bucket++)
                if (h.PositiveBuckets[bucket] != 0) counts.Add($"{index}={SampleText.Of(h.PositiveBuckets[bucket])}");
        }

        return $"{h.Schema} {SampleText.Of(h.ZeroThreshold)} {h.ZeroCount} {SampleText.Of(h.Count)} {SampleText.Of(h.Sum)} [{string.Join(' ', counts)}] [{string.Join(' ', h.CustomValues)}]";
    }
}
