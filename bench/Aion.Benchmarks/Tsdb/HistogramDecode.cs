using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Nanoseconds a native histogram to decode chunks of 120, twelve buckets each, over 100 different chunks.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("tsdb")]
public class HistogramDecode
{
    private const int Chunks = 100;
    private const int SamplesPerChunk = 120;
    private const int Buckets = 12;

    private readonly SampleBuffer _buffer = new();
    private readonly Chunk[] _chunks = new Chunk[Chunks];

    [Params("integer", "float")]
    public string Kind { get; set; } = "integer";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(42);
        for (var c = 0; c < Chunks; c++) _chunks[c] = Kind == "integer" ? Integers(random) : Floats(random);
    }

    [Benchmark(OperationsPerInvoke = Chunks * SamplesPerChunk)]
    public int Decode()
    {
        var samples = 0;
        foreach (Chunk chunk in _chunks)
        {
            _buffer.Clear();
            ChunkDecoder.Decode(chunk, _buffer, long.MinValue, long.MaxValue);
            samples += _buffer.Count;
        }

        return samples;
    }

    private static Chunk Integers(Random random)
    {
        HistogramChunkWriter? writer = null;
        var counts = new long[Buckets];
        for (var i = 0; i < SamplesPerChunk; i++)
        {
            Histogram next = Next(counts, random);
            if (writer is null) writer = HistogramChunkWriter.Start(TimeOf(i), next);
            else writer.TryAppend(TimeOf(i), next, out _);
        }

        return writer!.ToChunk();
    }

    private static Chunk Floats(Random random)
    {
        FloatHistogramChunkWriter? writer = null;
        var counts = new long[Buckets];
        for (var i = 0; i < SamplesPerChunk; i++)
        {
            FloatHistogram next = Next(counts, random).ToFloat();
            if (writer is null) writer = FloatHistogramChunkWriter.Start(TimeOf(i), next, null);
            else writer.TryAppend(TimeOf(i), next, out _);
        }

        return writer!.ToChunk();
    }

    private static long TimeOf(int i) => 1_767_225_600_000 + i * 15_000L;

    /// <summary>The counts a scrape later, as a histogram.</summary>
    private static Histogram Next(long[] counts, Random random)
    {
        var deltas = new long[Buckets];
        long total = 0;
        for (var b = 0; b < Buckets; b++)
        {
            counts[b] += random.Next(20);
            total += counts[b];
            deltas[b] = counts[b] - (b == 0 ? 0 : counts[b - 1]);
        }

        return new Histogram
        {
            Schema = 3,
            ZeroThreshold = 1e-128,
            Count = (ulong)total,
            Sum = total * 0.37,
            PositiveSpans = [new BucketSpan(-4, Buckets)],
            PositiveBuckets = deltas,
        };
    }
}
