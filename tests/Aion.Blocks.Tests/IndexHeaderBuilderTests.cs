using System.Text;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.Blocks.Tests;

/// <summary>How an index-header comes out of a bucket: few requests, and no trust in what the meta says.</summary>
public sealed class IndexHeaderBuilderTests
{
    private readonly BlockId _id = BlockId.New(TimeProvider.System);
    private readonly FaultyBucket _bucket = new(new InMemoryBucket(TimeProvider.System));

    [Fact]
    public async Task A_small_index_of_known_size_takes_one_request()
    {
        byte[] index = await UploadAsync(series: 10);

        await BuildAsync(index.Length);

        Assert.Equal(["get_range"], Reads());
    }

    [Fact]
    public async Task A_large_index_takes_its_end_and_then_what_is_missing_at_once()
    {
        byte[] index = await UploadAsync(series: 60_000);

        byte[] built = await BuildAsync(index.Length);

        Assert.Equal(["get_range", "get_range", "get_range"], Reads());
        using IndexHeaderReader reader = IndexHeaderReader.Of(built, 32);
        Assert.Equal(60_000, reader.Postings.CountOf("id"));
        Assert.Equal(2, reader.IndexVersion);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(-1000)]
    public async Task A_wrong_size_in_the_meta_costs_a_look_and_no_more(int off)
    {
        byte[] index = await UploadAsync(series: 100);
        byte[] expected = await BuildAsync(0);

        Assert.Equal(expected, await BuildAsync(index.Length + off));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(56)]
    [InlineData(500)]
    public async Task An_index_that_is_cut_off_is_damaged_and_is_named(int missing)
    {
        byte[] index = await UploadAsync(series: 100);
        await _bucket.UploadAsync(BlockLayout.IndexKey(_id), index.AsMemory(0, index.Length - missing), CancellationToken.None);

        var error = await Assert.ThrowsAsync<TsdbCorruptionException>(() => BuildAsync(index.Length));

        Assert.Equal(BlockLayout.IndexKey(_id), error.Path);
    }

    private Task<byte[]> BuildAsync(long stated) => IndexHeaderFile.BuildAsync(_bucket, _id, stated, CancellationToken.None);

    private string[] Reads() => [.. _bucket.Calls.Where(c => c.Operation != "upload").Select(c => c.Operation)];

    private async Task<byte[]> UploadAsync(int series)
    {
        using var temp = new TempDirectory();
        string path = temp.Combine("index");
        using (var writer = IndexWriter.Create(path))
        {
            var symbols = new SortedSet<string>(StringComparer.Ordinal) { "id", "__name__", "up" };
            for (var i = 0; i < series; i++) symbols.Add($"s{i:D6}");
            foreach (string symbol in symbols) writer.AddSymbol(Encoding.UTF8.GetBytes(symbol));
            for (var i = 0; i < series; i++)
                writer.AddSeries(Labels.Of("__name__", "up", "id", $"s{i:D6}"), [new ChunkMeta(0, 1, (ulong)(8 + i))]);
            writer.Complete();
        }

        byte[] index = await File.ReadAllBytesAsync(path);
        await _bucket.UploadAsync(BlockLayout.IndexKey(_id), index, CancellationToken.None);
        return index;
    }
}
