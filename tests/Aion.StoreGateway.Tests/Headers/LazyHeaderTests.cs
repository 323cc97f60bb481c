using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aion.StoreGateway.Tests;

public sealed class LazyHeaderTests : IDisposable
{
    private static readonly LabelMatcher Up = LabelMatcher.Equal("__name__", "up");

    private readonly TempDirectory _temp = new();
    private readonly BlockId _block = BlockId.New(TimeProvider.System);

    public LazyHeaderTests() => TestBlocks.Write(Bucket, _block, Labels.Of("replica", "a"), TestBlocks.Some(3));

    private string Bucket => _temp.Combine("bucket");

    private string Header => _temp.Combine("data", _block.ToString(), "index-header");

    private StoreGatewayOptions Options => new() { DataDirectory = _temp.Combine("data") };

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task An_eager_download_leaves_nothing_for_the_query_and_nothing_for_the_next_start()
    {
        using TestGateway first = await TestGateway.SyncedAsync(Bucket, Options);
        int atStart = first.CallsOn("/index").Count;
        using TestGateway second = await TestGateway.SyncedAsync(Bucket, Options);

        Assert.True(atStart is 1 or 2, $"{atStart} requests for a small index");
        Assert.Empty(second.CallsOn("/index"));
        Assert.Equal(3, (await second.SelectAsync(Up)).Series.Count);
    }

    [Fact]
    public async Task A_lazy_download_waits_for_the_first_query_and_is_shared()
    {
        using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, Options with { DownloadsHeadersLazily = true });

        Assert.Empty(gateway.CallsOn("/index"));
        Assert.False(File.Exists(Header));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => gateway.SelectAsync(Up)));
        Assert.True(File.Exists(Header));
        Assert.Equal(1, await gateway.MetricAsync("thanos_bucket_store_indexheader_download_duration_seconds_count"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_idle_header_is_let_go_and_opened_again(bool onDisk)
    {
        var time = new FakeTimeProvider();
        StoreGatewayOptions options = Options with { LetsHeadersGo = true, DataDirectory = onDisk ? _temp.Combine("data") : null };
        using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, options, time);
        var store = (BucketStore)gateway.Store;
        BucketBlock block = store.Catalog.Blocks[_block];

        await gateway.SelectAsync(Up);
        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, IdleHeaders.Unload(store.Catalog.Blocks.Values, options.HeaderIdleTimeout, time));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, IdleHeaders.Unload(store.Catalog.Blocks.Values, options.HeaderIdleTimeout, time));
        Assert.False(block.Header.IsOpen);
        Assert.Equal(3, (await gateway.SelectAsync(Up)).Series.Count);
        Assert.True(block.Header.IsOpen);
        Assert.Equal(1, await gateway.MetricAsync("thanos_bucket_store_indexheader_lazy_unload_total"));
    }

    [Fact]
    public async Task A_header_that_is_read_is_never_let_go()
    {
        var time = new FakeTimeProvider();
        using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, Options with { LetsHeadersGo = true }, time);
        BlockHeader header = ((BucketStore)gateway.Store).Catalog.Blocks[_block].Header;

        using (HeaderLease lease = await header.OpenAsync(CancellationToken.None))
        {
            time.Advance(TimeSpan.FromHours(1));
            Assert.False(header.TryUnload(time.GetTimestamp()));
            Assert.True(lease.Reader.Symbols.Count > 0);
        }

        Assert.True(header.TryUnload(time.GetTimestamp()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(-1)]
    public async Task A_header_that_is_cut_off_or_damaged_is_built_again(int length)
    {
        using (await TestGateway.SyncedAsync(Bucket, Options)) { }

        byte[] whole = await File.ReadAllBytesAsync(Header, TestContext.Current.CancellationToken);
        byte[] damaged = length < 0 ? [.. whole] : whole[..length];
        if (length < 0) damaged[^100] ^= 0x55;
        await File.WriteAllBytesAsync(Header, damaged, TestContext.Current.CancellationToken);
        using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, Options);

        Assert.Equal(3, (await gateway.SelectAsync(Up)).Series.Count);
        Assert.Equal(whole, await File.ReadAllBytesAsync(Header, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_header_that_could_not_be_fetched_is_fetched_by_the_next_query()
    {
        using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, Options with { DownloadsHeadersLazily = true, LetsHeadersGo = true });
        gateway.Bucket.FailWhen = (_, key) => key.EndsWith("/index", StringComparison.Ordinal);

        (List<ChunkSeries> series, List<string> warnings) = await gateway.SelectAsync(PartialResponse.Warn, Up);
        gateway.Bucket.FailWhen = (_, _) => false;

        Assert.Empty(series);
        Assert.Contains(_block.ToString(), Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Equal(1, await gateway.MetricAsync("thanos_bucket_store_indexheader_lazy_load_failed_total"));
        Assert.Equal(3, (await gateway.SelectAsync(Up)).Series.Count);
    }

    [Fact]
    public async Task A_data_folder_that_can_not_be_written_does_not_stop_queries()
    {
        await File.WriteAllTextAsync(_temp.Combine("data"), "a file, no folder", TestContext.Current.CancellationToken);
        using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, Options);

        Assert.Equal(3, (await gateway.SelectAsync(Up)).Series.Count);
    }
}
