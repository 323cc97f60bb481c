using Aion.Model;
using Aion.Storage;
using Aion.Testing;

namespace Aion.Tsdb.Tests;

public sealed class BlockReaderTests
{
    [Fact]
    public void Chunk_bytes_stay_good_while_a_lease_is_held_and_are_refused_afterwards()
    {
        using var temp = new TempDirectory();
        Write(temp.Combine("block"));
        var block = BlockReader.Open(temp.Combine("block"));
        IDisposable lease = block.Lease();
        Chunk chunk = block.ReadChunk(block.Select([], 0, 100).Single().Chunks[0]);

        block.Dispose();
        block.Dispose();

        Assert.Equal(3, ChunkDecoder.SampleCount(chunk));
        lease.Dispose();
        lease.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ChunkDecoder.SampleCount(chunk));
        Assert.Throws<ObjectDisposedException>(() => block.Lease());
    }

    [Fact]
    public void Series_without_chunks_in_the_range_are_left_out_unless_only_labels_are_wanted()
    {
        using var temp = new TempDirectory();
        Write(temp.Combine("block"));
        using var block = BlockReader.Open(temp.Combine("block"));

        Assert.Empty(block.Select([], 100, 200));
        Assert.Single(block.Select([], 100, 200, withChunks: false));
    }

    [Fact]
    public void Deletions_hide_samples_whole_chunks_and_then_the_series()
    {
        using var temp = new TempDirectory();
        Write(temp.Combine("block"), new TimeRange(10, 10), new TimeRange(20, 25));
        Write(temp.Combine("gone"), new TimeRange(long.MinValue, long.MaxValue));
        using var block = BlockReader.Open(temp.Combine("block"));
        using var gone = BlockReader.Open(temp.Combine("gone"));
        var samples = new SampleBuffer();

        block.ReadSamples(block.Select([], 0, 100).Single(), samples, 0, 100);

        Assert.Equal([30], samples.Times.ToArray());
        Assert.Empty(gone.Select([], 0, 100));
    }

    [Fact]
    public void A_range_outside_a_mapped_file_is_corruption()
    {
        using var temp = new TempDirectory();
        File.WriteAllBytes(temp.Combine("file"), [1, 2, 3]);
        using var file = MappedFile.Open(temp.Combine("file"));

        Assert.Equal([2, 3], file.Slice(1, 2).ToArray());
        Assert.Equal([3], file.SliceFrom(2, 100).ToArray());
        foreach (var (offset, length) in ((long, long)[])[(2, 2), (-1, 1), (0, -1), (4, 0), (long.MaxValue, 1), (1, long.MaxValue)])
            Assert.Throws<TsdbCorruptionException>(() => file.Slice(offset, length));
        Assert.Throws<TsdbCorruptionException>(() => file.SliceFrom(4, 1));
    }

    private static void Write(string directory, params TimeRange[] deleted)
    {
        var samples = new SampleBuffer();
        foreach (long time in (long[])[10, 20, 30]) samples.Add(time, time);
        using var writer = new BlockWriter(directory);
        foreach (string symbol in (string[])["", "a", "b"]) writer.AddSymbol(System.Text.Encoding.UTF8.GetBytes(symbol));
        uint id = writer.AddSeries(Labels.Of("a", "b"), ChunkCutter.Cut(samples));
        if (deleted.Length > 0) writer.WriteTombstones(Tombstones.Of([new(id, deleted)]));
        writer.Complete();
    }
}
