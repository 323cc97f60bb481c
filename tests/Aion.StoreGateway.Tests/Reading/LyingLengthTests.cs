using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.StoreGateway.Tests;

/// <summary>Lengths that stand in a block and are not true: the error says where, and no memory is asked for that much.</summary>
public sealed class LyingLengthTests : IDisposable
{
    private static readonly LabelMatcher Up = LabelMatcher.Equal("__name__", "up");

    private readonly TempDirectory _temp = new();
    private readonly BlockId _block = BlockId.New(TimeProvider.System);

    public LyingLengthTests() => TestBlocks.Write(Bucket, _block, Labels.Of("replica", "a"), TestBlocks.Some(200));

    private string Bucket => _temp.Combine("bucket");

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(8, false)]
    [InlineData(8, true)]
    public async Task A_chunk_that_says_to_be_longer_than_any_is_named(int offset, bool isLocal)
    {
        using TestGateway gateway = await OpenAsync(isLocal);
        Write("chunks/000001", offset, Varint(900_000_000));

        string error = await ErrorAsync(gateway);

        Assert.Contains($"{_block}/chunks/000001: byte {offset}: a chunk of 900000000 bytes", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chunk_that_says_to_reach_behind_its_file_is_named(bool isLocal)
    {
        using TestGateway gateway = await OpenAsync(isLocal);
        Write("chunks/000001", 8, Varint(3_000_000));

        string error = await ErrorAsync(gateway);

        Assert.Contains($"{_block}/chunks/000001: byte 8: a chunk of 3000000 bytes is cut off", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(900_000_000, "a series entry of 900000009 bytes", false)]
    [InlineData(900_000_000, "a series entry of 900000009 bytes", true)]
    [InlineData(3_000_000, "a series entry of 3000008 bytes is cut off", false)]
    [InlineData(3_000_000, "a series entry of 3000008 bytes is cut off", true)]
    public async Task A_series_entry_that_says_to_be_too_long_is_named(int length, string words, bool isLocal)
    {
        using TestGateway gateway = await OpenAsync(isLocal);
        long series = (IndexToc.Parse(File.ReadAllBytes(PathOf("index"))).Series + 15) / 16 * 16;
        Write("index", series, Varint(length));

        string error = await ErrorAsync(gateway);

        Assert.Contains($"{_block}/index: byte {series}: ", error, StringComparison.Ordinal);
        Assert.Contains(words, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Damage_in_a_postings_list_is_named_with_its_place(bool isLocal, bool isCached)
    {
        using TestGateway gateway = await OpenAsync(isLocal, isCached ? IndexCacheConfig.OfSize(1 << 20) : null);
        IndexToc toc = IndexToc.Parse(File.ReadAllBytes(PathOf("index")));
        Write("index", toc.Postings, [.. Enumerable.Repeat((byte)0x11, (int)(toc.PostingsTable - toc.Postings))]);

        string error = await ErrorAsync(gateway);

        Assert.Matches($"{_block}/index: byte [1-9][0-9]+: index: .*postings list", error);
    }

    [Theory]
    [InlineData("chunks/000001")]
    [InlineData("index")]
    public async Task A_file_that_is_cut_short_in_place_while_it_is_served_is_an_error_and_not_the_end_of_the_process(string file)
    {
        using TestGateway gateway = await OpenAsync(isLocal: true);
        Assert.Equal(200, (await gateway.SelectAsync(Up)).Series.Count);
        using (FileStream cut = File.OpenWrite(PathOf(file))) cut.SetLength(100);

        Assert.Contains($"{_block}/{file}", await ErrorAsync(gateway), StringComparison.Ordinal);

        using (FileStream empty = File.OpenWrite(PathOf(file))) empty.SetLength(0);
        Assert.Contains($"{_block}/{file}", await ErrorAsync(gateway), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_failed_call_read_is_counted_as_well(bool isLocal)
    {
        using TestGateway gateway = await OpenAsync(isLocal);
        Write("chunks/000001", 8, Varint(900_000_000));

        await ErrorAsync(gateway);

        using var text = new MemoryStream();
        await gateway.Context.Metrics.Registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        string metrics = System.Text.Encoding.UTF8.GetString(text.ToArray());
        Assert.Contains("thanos_bucket_store_series_data_fetched_count{data_type=\"postings\",tenant=\"\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("thanos_bucket_store_series_data_fetched_sum{data_type=\"series\",tenant=\"\"} 200\n", metrics, StringComparison.Ordinal);
    }

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    private Task<TestGateway> OpenAsync(bool isLocal, IndexCacheConfig? cache = null) =>
        TestGateway.SyncedAsync(Bucket, new StoreGatewayOptions { IndexCache = cache }, isLocal: isLocal);

    private static async Task<string> ErrorAsync(TestGateway gateway)
    {
        long before = GC.GetTotalAllocatedBytes();
        StoreException error = await Assert.ThrowsAsync<StoreException>(() => gateway.SelectAsync(Up));
        Assert.Equal(StoreErrorKind.Aborted, error.Kind);
        // Of the whole process, so that other tests may be in it; what the length says would be more than all of them.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 512 << 20);
        return error.Message;
    }

    private string PathOf(string file) => Path.Combine(Bucket, _block.ToString(), file);

    /// <summary>In place, as somebody who damages a file would.</summary>
    private void Write(string file, long offset, byte[] bytes)
    {
        using FileStream stream = File.OpenWrite(PathOf(file));
        stream.Position = offset;
        stream.Write(bytes);
    }
}
