using System.Text.Json;
using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb.Tests;

/// <summary>Blocks that Prometheus wrote read as Prometheus read them.</summary>
public sealed class BlockGoldenTests
{
    [Theory]
    [InlineData("block-mixed", "block-mixed.series.jsonl")]
    [InlineData("block-newer-encodings/st-120", "block-newer-encodings/st-120.series.jsonl")]
    [InlineData("block-newer-encodings/st-300", "block-newer-encodings/st-300.series.jsonl")]
    [InlineData("block-newer-encodings/xor2-only", "block-newer-encodings/xor2-only.series.jsonl")]
    [InlineData("block-tombstones-cleaned", "block-tombstones-cleaned.series.jsonl")]
    public void Series_chunks_and_bytes_are_the_recorded_ones(string folder, string file)
    {
        using var block = BlockReader.Open(GoldenFiles.BlockIn(folder));

        BlockSeries[] read = [.. block.Select([], long.MinValue, long.MaxValue)];

        IReadOnlyList<GoldenSeries> expected = GoldenSeries.ReadAll(GoldenFiles.Path(file));
        Assert.Equal(expected.Select(s => ((uint)s.Ref, s.Labels)), read.Select(s => (s.Id, s.Labels)));
        for (var i = 0; i < read.Length; i++)
        {
            Assert.Equal(
                expected[i].Chunks.Select(c => new ChunkMeta(c.MinTimeMs, c.MaxTimeMs, c.Ref)), read[i].Chunks);
            for (var c = 0; c < read[i].Chunks.Count; c++)
            {
                GoldenChunk recorded = expected[i].Chunks[c];
                Chunk chunk = block.ReadChunk(read[i].Chunks[c]);
                Assert.Equal(recorded.Encoding, chunk.Encoding);
                if (recorded.Bytes is not null) Assert.Equal(recorded.Bytes, chunk.Data.ToArray());
            }
        }
    }

    [Fact]
    public void Every_queried_range_gives_the_recorded_samples()
    {
        using var block = BlockReader.Open(GoldenFiles.BlockIn("block-mixed"));
        var buffer = new SampleBuffer();
        var seen = 0;
        foreach (JsonElement line in GoldenFiles.Lines("block-mixed.querier.jsonl"))
        {
            long[] range = [.. line.GetProperty("kind").GetString()!.Split("..").Select(long.Parse)];
            Labels labels = GoldenSeries.ParseLabels(line.GetProperty("labels"));
            buffer.Clear();

            BlockSeries series = Assert.Single(block.Select(Exactly(labels), range[0], range[1]), s => s.Labels == labels);
            block.ReadSamples(series, buffer, range[0], range[1]);

            Assert.Equal(SampleText.Of(line.GetProperty("samples").EnumerateArray().Select(GoldenSample.Parse)), SampleText.Of(buffer));
            seen++;
        }

        Assert.True(seen > 100);
    }

    [Fact]
    public void Deleted_samples_are_left_out()
    {
        using var block = BlockReader.Open(GoldenFiles.BlockIn("block-tombstones"));
        Dictionary<Labels, JsonElement> expected = GoldenFiles.Lines("block-tombstones.expected.jsonl")
            .Where(l => l.GetProperty("kind").GetString() == "after").ToDictionary(l => GoldenSeries.ParseLabels(l.GetProperty("labels")));
        var buffer = new SampleBuffer();
        foreach (BlockSeries series in block.Select([], long.MinValue, long.MaxValue))
        {
            buffer.Clear();

            block.ReadSamples(series, buffer, long.MinValue, long.MaxValue);

            if (buffer.Count == 0 && !expected.ContainsKey(series.Labels)) continue;
            Assert.True(expected.Remove(series.Labels, out JsonElement line), $"{series.Labels} is all deleted");
            Assert.Equal(SampleText.Of(line.GetProperty("samples").EnumerateArray().Select(GoldenSample.Parse)), SampleText.Of(buffer));
        }

        Assert.Empty(expected);
    }

    [Fact]
    public void Tombstones_are_the_recorded_intervals_also_after_writing_them()
    {
        string path = Path.Combine(GoldenFiles.BlockIn("block-tombstones"), "tombstones");
        var tombstones = Tombstones.Read(path);
        byte[] written = tombstones.ToBytes();
        var again = Tombstones.Parse(written);

        // The recorded file has its series in no order.
        Assert.Equal(new FileInfo(path).Length, written.Length);
        foreach (JsonElement line in GoldenFiles.Lines("block-tombstones.expected.jsonl"))
        {
            if (line.GetProperty("kind").GetString() != "tombstones") continue;
            TimeRange[] expected = [.. line.GetProperty("intervals").EnumerateArray().Select(i => new TimeRange(i[0].GetInt64(), i[1].GetInt64()))];
            Assert.Equal(expected, tombstones.Of(line.GetProperty("ref").GetUInt64()).ToArray());
            Assert.Equal(expected, again.Of(line.GetProperty("ref").GetUInt64()).ToArray());
        }
    }

    private static LabelMatcher[] Exactly(Labels labels) => [.. labels.Pairs().Select(p => LabelMatcher.Equal(p.Key, p.Value))];
}
