using Aion.Storage;
using Aion.Tsdb;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Nanoseconds a sample to decode XOR chunks of 120 samples, over 1000 different chunks.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("tsdb")]
public class XorDecode
{
    private const int Chunks = 1000;
    private const int SamplesPerChunk = 120;

    private readonly SampleBuffer _buffer = new();
    private Chunk[] _chunks = [];

    /// <summary>What the series is like; real ones are mostly the first three.</summary>
    [Params("constant", "counter", "gauge-int", "gauge-random", "counter-jitter")]
    public string Shape { get; set; } = "counter";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(42);
        _chunks = new Chunk[Chunks];
        for (var c = 0; c < Chunks; c++)
        {
            var writer = new XorChunkWriter();
            long time = 1_767_225_600_000 + random.Next(15_000);
            double value = random.Next(100_000);
            for (var i = 0; i < SamplesPerChunk; i++)
            {
                time += 15_000 + (Shape == "counter-jitter" ? random.Next(-5, 6) : 0);
                value = Shape switch
                {
                    "constant" => value,
                    "gauge-int" => random.Next(3) == 0 ? random.Next(1000) : value,
                    "gauge-random" => random.NextDouble() * 1000,
                    _ => value + random.Next(500),
                };
                writer.Append(time, value);
            }

            _chunks[c] = writer.ToChunk();
        }
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
}
