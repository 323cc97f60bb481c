using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.Compactor.Tests;

/// <summary>Overlapping chunks of native histograms: integer counts stay integers, and chunks that can't be encoded again are left out.</summary>
public sealed class HistogramMergeTests
{
    [Fact]
    public async Task Integer_and_float_histograms_keep_their_kind()
    {
        using var temp = new TempDirectory();
        Write(temp.Combine("a"), [Integers(0, 10, 20), Integers(100, 110)]);
        Write(temp.Combine("b"), [Floats(5, 15), Integers(105, 115)]);

        await MergeAsync(temp);

        using BlockReader made = BlockReader.Open(temp.Combine("made"));
        BlockSeries series = Assert.Single(made.Select([], 0, 1000));
        Assert.Equal(
            [(0L, ChunkEncoding.Histogram), (5, ChunkEncoding.FloatHistogram), (10, ChunkEncoding.Histogram), (15, ChunkEncoding.FloatHistogram),
                (20, ChunkEncoding.Histogram), (100, ChunkEncoding.Histogram)],
            series.Chunks.Select(c => (c.MinTimeMs, made.ReadChunk(c).Encoding)));
    }

    [Fact]
    public async Task Start_times_survive_a_merge()
    {
        using var temp = new TempDirectory();
        Write(temp.Combine("a"), [Started(10, 20, 30)]);
        Write(temp.Combine("b"), [Started(15, 25)]);

        await MergeAsync(temp);

        using BlockReader made = BlockReader.Open(temp.Combine("made"));
        var samples = new SampleBuffer();
        made.ReadSamples(Assert.Single(made.Select([], 0, 1000)), samples, 0, 1000);
        Assert.Equal([10, 15, 20, 25, 30], samples.Times.ToArray());
        Assert.Equal([3, 3, 3, 3, 3], samples.StartTimes.ToArray());
    }

    [Fact]
    public async Task A_chunk_whose_spans_overlap_is_left_out()
    {
        using var temp = new TempDirectory();
        Write(temp.Combine("a"), [Integers(0, 10, 20)]);
        Write(temp.Combine("b"), [BadSpans(5)]);

        RepairList repairs = await MergeAsync(temp);

        Assert.Equal(RepairKind.Undecodable, Assert.Single(repairs.All).Kind);
        Assert.Equal(3, Assert.Single(TestSources.Samples(temp.Combine("made"))).Value.Count);
    }

    private static async Task<RepairList> MergeAsync(TempDirectory temp)
    {
        var repairs = new RepairList();
        using SourceBlock a = SourceBlock.Open(TestSources.MetaOf(BlockId.New(TimeProvider.System), 0, 1000), temp.Combine("a"));
        using SourceBlock b = SourceBlock.Open(TestSources.MetaOf(BlockId.New(TimeProvider.System), 0, 1000), temp.Combine("b"));
        await BlockMerge.RunAsync([a, b], new MergeOptions(), temp.Combine("made"), repairs, TestContext.Current.CancellationToken);
        return repairs;
    }

    private static void Write(string directory, SeriesChunk[] chunks)
    {
        using var writer = new BlockWriter(directory);
        foreach (string symbol in (string[])["", "x", "y"]) writer.AddSymbol(System.Text.Encoding.UTF8.GetBytes(symbol));
        writer.AddSeries(Labels.Of("x", "y"), chunks);
        writer.Complete();
    }

    private static SeriesChunk Integers(params long[] times)
    {
        var writer = new HistogramChunkWriter();
        foreach (long time in times)
            writer.TryAppend(time, new Histogram { Count = (ulong)time, Sum = time, PositiveSpans = [new(0, 1)], PositiveBuckets = [time] }, out _);
        return new SeriesChunk(times[0], times[^1], writer.ToChunk());
    }

    private static SeriesChunk Floats(params long[] times)
    {
        var writer = new FloatHistogramChunkWriter();
        foreach (long time in times)
            writer.TryAppend(time, new FloatHistogram { Count = time, Sum = time, PositiveSpans = [new(0, 1)], PositiveBuckets = [time] }, out _);
        return new SeriesChunk(times[0], times[^1], writer.ToChunk());
    }

    private static SeriesChunk Started(params long[] times)
    {
        var writer = new Xor2ChunkWriter();
        foreach (long time in times) writer.Append(time, time, 3);
        return new SeriesChunk(times[0], times[^1], writer.ToChunk());
    }

    /// <summary>The second span goes back over the first: four bits of the offset are changed in the bytes.</summary>
    private static SeriesChunk BadSpans(long time)
    {
        var writer = new HistogramChunkWriter();
        writer.TryAppend(
            time, new Histogram { Count = 4, Sum = 1, PositiveSpans = [new(0, 1), new(3, 1)], PositiveBuckets = [2, 0] }, out _);
        byte[] data = writer.ToChunk().Data.ToArray();
        // Header 3 bytes, zero threshold 8 bits, schema 1 bit, span count 5 bits, length 5, offset 1, length 5, then the offset 10+3 bits.
        const int OffsetBit = (3 * 8) + 8 + 1 + 5 + 5 + 1 + 5 + 2;
        for (var bit = 0; bit < 3; bit++)
        {
            // 101 is −3.
            int at = OffsetBit + bit;
            var mask = (byte)(0x80 >> (at % 8));
            if (bit != 1) data[at / 8] |= mask;
            else data[at / 8] &= (byte)~mask;
        }

        return new SeriesChunk(time, time, new Chunk(ChunkEncoding.Histogram, data));
    }
}
