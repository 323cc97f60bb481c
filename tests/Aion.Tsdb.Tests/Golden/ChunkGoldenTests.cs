using System.Text.Json;
using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb.Tests;

/// <summary>Recorded chunk bytes decode to the recorded samples, bit for bit.</summary>
public sealed class ChunkGoldenTests
{
    [Theory]
    [InlineData("block-mixed.series.jsonl")]
    [InlineData("block-newer-encodings/st-120.series.jsonl")]
    [InlineData("block-newer-encodings/st-300.series.jsonl")]
    [InlineData("block-newer-encodings/xor2-only.series.jsonl")]
    public void Every_chunk_decodes_to_its_samples(string file)
    {
        var buffer = new SampleBuffer();
        var decoded = 0;
        foreach (GoldenSeries series in GoldenSeries.ReadAll(GoldenFiles.Path(file)))
        {
            foreach (GoldenChunk chunk in series.Chunks)
            {
                buffer.Clear();

                ChunkDecoder.Decode(chunk.Chunk, buffer, long.MinValue, long.MaxValue);

                Assert.Equal(SampleText.Of(chunk.Samples), SampleText.Of(buffer));
                Assert.Equal(chunk.SampleCount, ChunkDecoder.SampleCount(chunk.Chunk));
                Assert.Equal(chunk.ResetHeader, NameOf(ChunkDecoder.ResetHeader(chunk.Chunk)));
                decoded++;
            }
        }

        Assert.True(decoded > 50, $"only {decoded} chunks in {file}");
    }

    [Fact]
    public void Integer_histograms_keep_their_deltas()
    {
        foreach (GoldenChunk chunk in IntegerHistogramChunks())
        {
            List<HistogramSample> samples = ChunkDecoder.DecodeHistograms(chunk.Chunk);

            Assert.Equal(chunk.Samples.Select(s => s.TimeMs), samples.Select(s => s.TimeMs));
            for (var i = 0; i < samples.Count; i++)
            {
                Histogram expected = chunk.Samples[i].Integer!, actual = samples[i].Histogram;
                Assert.Equal(expected.PositiveBuckets, actual.PositiveBuckets);
                Assert.Equal(expected.NegativeBuckets, actual.NegativeBuckets);
                Assert.Equal((expected.Count, expected.ZeroCount, expected.CounterResetHint), (actual.Count, actual.ZeroCount, actual.CounterResetHint));
            }
        }
    }

    [Theory]
    [InlineData("5m")]
    [InlineData("1h")]
    [InlineData("custom-buckets/5m-same")]
    [InlineData("custom-buckets/5m-change")]
    public void Aggregate_chunks_split_into_their_aggregates_and_join_again(string resolution)
    {
        var buffer = new SampleBuffer();
        foreach (GoldenSeries series in GoldenSeries.ReadAll(GoldenFiles.Path($"downsample/{resolution}.aggregates.jsonl")))
        {
            foreach (GoldenChunk chunk in series.Chunks)
            {
                AggregateChunks parts = AggregateChunkCodec.Split(chunk.Chunk);

                AssertAggregate(chunk.Aggregates, "count", parts.Count, buffer);
                AssertAggregate(chunk.Aggregates, "sum", parts.Sum, buffer);
                AssertAggregate(chunk.Aggregates, "min", parts.Min, buffer);
                AssertAggregate(chunk.Aggregates, "max", parts.Max, buffer);
                AssertAggregate(chunk.Aggregates, "counter", parts.Counter, buffer);
                Assert.Equal(chunk.SampleCount, ChunkDecoder.SampleCount(chunk.Chunk));
                Assert.Equal(chunk.Bytes, AggregateChunkCodec.Join(parts).Data.ToArray());
            }
        }
    }

    private static void AssertAggregate(JsonElement aggregates, string name, Chunk chunk, SampleBuffer buffer)
    {
        bool recorded = aggregates.TryGetProperty(name, out JsonElement json);
        Assert.Equal(recorded, !chunk.IsEmpty);
        if (!recorded) return;
        buffer.Clear();
        ChunkDecoder.Decode(chunk, buffer, long.MinValue, long.MaxValue);
        Assert.Equal(SampleText.Of(json.GetProperty("samples").EnumerateArray().Select(GoldenSample.Parse)), SampleText.Of(buffer));
    }

    private static IEnumerable<GoldenChunk> IntegerHistogramChunks() =>
        GoldenSeries.ReadAll(GoldenFiles.Path("block-mixed.series.jsonl"))
            .SelectMany(s => s.Chunks).Where(c => c.Encoding == ChunkEncoding.Histogram);

    private static string? NameOf(CounterResetHeader? header) => header switch
    {
        null => null,
        CounterResetHeader.Unknown => "unknown",
        CounterResetHeader.NotReset => "not_reset",
        CounterResetHeader.Reset => "reset",
        _ => "gauge",
    };
}
