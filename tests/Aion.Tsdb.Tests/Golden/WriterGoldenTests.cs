using Aion.Model;
using Aion.Storage;
using Aion.Testing;

namespace Aion.Tsdb.Tests;

/// <summary>Our writers give the bytes that Prometheus and Thanos wrote.</summary>
public sealed class WriterGoldenTests
{
    [Theory]
    [InlineData("block-mixed", 65536)]
    [InlineData("block-newer-encodings/st-300", BlockWriter.DefaultSegmentLimitBytes)]
    [InlineData("layout", BlockWriter.DefaultSegmentLimitBytes)]
    [InlineData("downsample/raw", BlockWriter.DefaultSegmentLimitBytes)]
    [InlineData("downsample/5m", BlockWriter.DefaultSegmentLimitBytes)]
    public void A_rewritten_block_has_the_same_bytes(string folder, long segmentLimit)
    {
        string source = GoldenFiles.BlockIn(folder);
        using var temp = new TempDirectory();
        string target = temp.Combine("block");
        using var block = BlockReader.Open(source);
        using (var writer = new BlockWriter(target, segmentLimit))
        {
            foreach (ReadOnlySpan<byte> symbol in block.Index.Symbols) writer.AddSymbol(symbol);
            foreach (uint id in block.Index.Select([])) Copy(block, id, writer);
            writer.Complete();
        }

        foreach (string file in Directory.EnumerateFiles(Path.Combine(source, "chunks")).Append(Path.Combine(source, "index")))
        {
            byte[] written = File.ReadAllBytes(Path.Combine(target, Path.GetRelativePath(source, file)));
            Assert.Equal(Convert.ToHexString(File.ReadAllBytes(file)), Convert.ToHexString(written));
        }

        Assert.Equal(Directory.GetFiles(Path.Combine(source, "chunks")).Length, Directory.GetFiles(Path.Combine(target, "chunks")).Length);
    }

    [Fact]
    public void Float_samples_encode_to_the_recorded_XOR_chunks()
    {
        var writer = new XorChunkWriter();
        var seen = 0;
        foreach (GoldenChunk chunk in ChunksOf(ChunkEncoding.Xor))
        {
            writer.Clear();
            foreach (GoldenSample sample in chunk.Samples) writer.Append(sample.TimeMs, sample.Value);
            Assert.Equal(Convert.ToHexString(chunk.Bytes!), Convert.ToHexString(writer.ToChunk().Data.Span));
            Assert.Equal(chunk.Bytes!.Length, writer.SizeBytes);
            seen++;
        }

        Assert.Equal(158, seen);
    }

    [Theory]
    [InlineData("block-newer-encodings/st-120.series.jsonl")]
    [InlineData("block-newer-encodings/st-300.series.jsonl")]
    [InlineData("block-newer-encodings/xor2-only.series.jsonl")]
    public void Float_samples_encode_to_the_recorded_XOR2_chunks(string file)
    {
        var seen = 0;
        foreach (GoldenChunk chunk in ChunksOf(ChunkEncoding.Xor2, file))
        {
            var writer = new Xor2ChunkWriter();
            foreach (GoldenSample sample in chunk.Samples) writer.Append(sample.TimeMs, sample.Value, sample.StartMs);
            Assert.Equal(Convert.ToHexString(chunk.Bytes!), Convert.ToHexString(writer.ToChunk().Data.Span));
            seen++;
        }

        Assert.True(seen > 20, $"{seen}");
    }

    [Theory]
    [InlineData("block-mixed.series.jsonl", ChunkEncoding.Histogram)]
    [InlineData("block-newer-encodings/st-120.series.jsonl", ChunkEncoding.HistogramSt)]
    [InlineData("block-newer-encodings/st-300.series.jsonl", ChunkEncoding.HistogramSt)]
    public void Integer_histograms_encode_to_the_recorded_chunks(string file, ChunkEncoding encoding)
    {
        var seen = 0;
        foreach (GoldenChunk chunk in ChunksOf(encoding, file))
        {
            var writer = new HistogramChunkWriter(ChunkDecoder.ResetHeader(chunk.Chunk)!.Value, encoding == ChunkEncoding.HistogramSt);
            foreach (GoldenSample sample in chunk.Samples)
            {
                // A stale sample reads back without the hint it was appended with.
                if (writer.Header == CounterResetHeader.Gauge) sample.Integer!.CounterResetHint = CounterResetHint.Gauge;
                Assert.Equal(HistogramAppendResult.Appended, writer.TryAppend(sample.TimeMs, sample.Integer!, out _, sample.StartMs));
            }

            Assert.Equal(Convert.ToHexString(chunk.Bytes!), Convert.ToHexString(writer.ToChunk().Data.Span));
            seen++;
        }

        Assert.True(seen > 20, $"{seen}");
    }

    [Theory]
    [InlineData("block-mixed.series.jsonl", ChunkEncoding.FloatHistogram)]
    [InlineData("block-newer-encodings/st-120.series.jsonl", ChunkEncoding.FloatHistogramSt)]
    [InlineData("block-newer-encodings/st-300.series.jsonl", ChunkEncoding.FloatHistogramSt)]
    public void Float_histograms_encode_to_the_recorded_chunks(string file, ChunkEncoding encoding)
    {
        var seen = 0;
        foreach (GoldenChunk chunk in ChunksOf(encoding, file))
        {
            var writer = new FloatHistogramChunkWriter(ChunkDecoder.ResetHeader(chunk.Chunk)!.Value, encoding == ChunkEncoding.FloatHistogramSt);
            foreach (GoldenSample sample in chunk.Samples)
            {
                if (writer.Header == CounterResetHeader.Gauge) sample.Float!.CounterResetHint = CounterResetHint.Gauge;
                Assert.Equal(HistogramAppendResult.Appended, writer.TryAppend(sample.TimeMs, sample.Float!, out _, sample.StartMs));
            }

            Assert.Equal(Convert.ToHexString(chunk.Bytes!), Convert.ToHexString(writer.ToChunk().Data.Span));
            seen++;
        }

        Assert.True(seen > 10, $"{seen}");
    }

    private static void Copy(BlockReader block, uint id, BlockWriter writer)
    {
        var entry = new SeriesEntry();
        block.Index.ReadSeries(id, entry, long.MinValue, long.MaxValue);
        Labels labels = block.Index.LabelsOf(entry, new LabelsBuilder());
        SeriesChunk[] chunks = [.. entry.Chunks.Select(c => new SeriesChunk(c.MinTimeMs, c.MaxTimeMs, block.ReadChunk(c)))];
        Assert.Equal(id, writer.AddSeries(labels, chunks));
    }

    private static IEnumerable<GoldenChunk> ChunksOf(ChunkEncoding encoding, string file = "block-mixed.series.jsonl") =>
        GoldenSeries.ReadAll(GoldenFiles.Path(file)).SelectMany(s => s.Chunks).Where(c => c.Encoding == encoding);
}
