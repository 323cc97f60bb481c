using System.Text;
using Aion.ObjectStorage;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace Aion.Blocks.Tests;

public sealed class MetaFetcherTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly InMemoryBucket _bucket;
    private readonly FaultyBucket _faulty;
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    public MetaFetcherTests()
    {
        _bucket = new InMemoryBucket(_time);
        _faulty = new FaultyBucket(_bucket);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BlockDiscovery.Concurrent)]
    [InlineData(BlockDiscovery.Recursive)]
    public async Task Complete_partial_and_corrupt_blocks_are_told_apart(BlockDiscovery discovery)
    {
        await _bucket.PutAsync(TestBlocks.Meta(1, 1));
        await PutTextAsync(TestBlocks.Id(2) + "/index", "x");
        await PutTextAsync(TestBlocks.Id(3) + "/meta.json", "{");
        await PutTextAsync(TestBlocks.Id(4) + "/meta.json", Encoding.UTF8.GetString(BlockMetaWriter.ToUtf8(TestBlocks.Meta(5))));
        await PutTextAsync("debug/metas/x.json", "{}");
        await PutTextAsync("not-a-block", "x");
        await PutTextAsync(TestBlocks.Id(6).ToString(), "an object named as a block is none");

        MetaFetchResult result = await Fetcher(discovery).FetchAsync(Cancellation);

        Assert.True(result.IsComplete);
        Assert.Equal([TestBlocks.Id(1)], result.Metas.Keys);
        Assert.Equal(
            [(TestBlocks.Id(2), PartialBlock.NoMeta), (TestBlocks.Id(3), PartialBlock.CorruptMeta), (TestBlocks.Id(4), PartialBlock.CorruptMeta)],
            result.Partial.Select(p => (p.Key, p.Value)).Order());
        string metrics = await ExposeAsync();
        Assert.Contains("thanos_blocks_meta_synced{state=\"loaded\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("thanos_blocks_meta_synced{state=\"no-meta-json\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("thanos_blocks_meta_synced{state=\"corrupted-meta-json\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("thanos_blocks_meta_synced{state=\"too-fresh\"} 0\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_bucket_has_no_blocks() => Assert.Empty((await Fetcher().FetchAsync(Cancellation)).Metas);

    [Fact]
    public async Task Metas_are_read_once()
    {
        for (var i = 1; i <= 5; i++) await _bucket.PutAsync(TestBlocks.Meta(i, i));
        MetaFetcher fetcher = Fetcher();
        await fetcher.FetchAsync(Cancellation);
        await _bucket.PutAsync(TestBlocks.Meta(6, 6));
        await _bucket.DeleteAsync(BlockLayout.MetaKey(TestBlocks.Id(1)), Cancellation);
        _faulty.Calls.Clear();

        MetaFetchResult result = await fetcher.FetchAsync(Cancellation);

        Assert.Equal(Enumerable.Range(2, 5).Select(TestBlocks.Id), result.Metas.Keys.Order());
        Assert.Equal([("get", BlockLayout.MetaKey(TestBlocks.Id(6)))], _faulty.Calls.Where(c => c.Operation == "get"));
    }

    [Fact]
    public async Task A_damaged_pack_is_fetched_again_and_the_folders_of_Thanos_are_taken_over()
    {
        for (var i = 1; i <= 4; i++) await _bucket.PutAsync(TestBlocks.Meta(i, i));
        await Fetcher(cache: true).FetchAsync(Cancellation);
        File.WriteAllText(_folder.Combine("meta-syncer", "metas.pack"), "damaged");
        foreach ((int block, byte[] content) in ((int, byte[])[])[(1, BlockMetaWriter.ToUtf8(TestBlocks.Meta(1, 1))), (2, "damaged"u8.ToArray()), (9, [])])
        {
            Directory.CreateDirectory(_folder.Combine("meta-syncer", TestBlocks.Id(block).ToString()));
            File.WriteAllBytes(_folder.Combine("meta-syncer", TestBlocks.Id(block).ToString(), "meta.json"), content);
        }

        await _bucket.DeleteAsync(BlockLayout.MetaKey(TestBlocks.Id(3)), Cancellation);
        _faulty.Calls.Clear();

        MetaFetchResult result = await Fetcher(cache: true).FetchAsync(Cancellation);

        Assert.Equal([TestBlocks.Id(1), TestBlocks.Id(2), TestBlocks.Id(4)], result.Metas.Keys.Order());
        Assert.Equal(
            [BlockLayout.MetaKey(TestBlocks.Id(2)), BlockLayout.MetaKey(TestBlocks.Id(4))],
            _faulty.Calls.Where(c => c.Operation == "get" && c.Key.EndsWith("meta.json", StringComparison.Ordinal)).Select(c => c.Key).Order());
        Assert.Equal(["metas.pack"], Directory.GetFileSystemEntries(_folder.Combine("meta-syncer")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_meta_that_fails_for_ever_does_not_make_the_others_be_read_again()
    {
        for (var i = 1; i <= 3; i++) await _bucket.PutAsync(TestBlocks.Meta(i, i));
        _faulty.FailWhen = (operation, key) => operation == "get" && key == BlockLayout.MetaKey(TestBlocks.Id(2));
        MetaFetcher fetcher = Fetcher(cache: true);
        await fetcher.FetchAsync(Cancellation);
        _faulty.Calls.Clear();

        await fetcher.FetchAsync(Cancellation);
        MetaFetchResult restarted = await Fetcher(cache: true).FetchAsync(Cancellation);

        Assert.Equal([TestBlocks.Id(1), TestBlocks.Id(3)], restarted.Metas.Keys.Order());
        Assert.All(_faulty.Calls.Where(c => c.Operation == "get"), c => Assert.Equal(BlockLayout.MetaKey(TestBlocks.Id(2)), c.Key));
    }

    [Fact]
    public async Task A_restart_over_a_pack_reads_no_single_meta()
    {
        for (var i = 1; i <= 3; i++) await _bucket.PutAsync(TestBlocks.Meta(i, i));
        await Fetcher(cache: true).FetchAsync(Cancellation);
        await _bucket.PutAsync(TestBlocks.Meta(4, 4));
        _faulty.Calls.Clear();

        MetaFetchResult second = await Fetcher(cache: true).FetchAsync(Cancellation);
        MetaFetchResult third = await Fetcher(cache: true).FetchAsync(Cancellation);

        Assert.Equal(4, second.Metas.Count);
        Assert.Equal(4, third.Metas.Count);
        Assert.Equal([("get", BlockLayout.MetaKey(TestBlocks.Id(4)))], _faulty.Calls.Where(c => c.Operation == "get"));
    }

    [Fact]
    public async Task A_changed_meta_is_seen_by_the_recursive_discovery()
    {
        await _bucket.PutAsync(TestBlocks.Meta(1, 1));
        MetaFetcher fetcher = Fetcher(BlockDiscovery.Recursive);
        await fetcher.FetchAsync(Cancellation);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _bucket.PutAsync(TestBlocks.Meta(1, 1) with { MaxTimeMs = 555 });

        MetaFetchResult result = await fetcher.FetchAsync(Cancellation);

        Assert.Equal(555, result.Metas[TestBlocks.Id(1)].MaxTimeMs);
        Assert.Contains("thanos_blocks_meta_base_cache_busts_total 1\n", await ExposeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_that_cannot_be_read_makes_the_view_incomplete_but_keeps_the_rest()
    {
        await _bucket.PutAsync(TestBlocks.Meta(1, 1));
        await _bucket.PutAsync(TestBlocks.Meta(2, 2));
        await PutTextAsync(TestBlocks.Id(3) + "/meta.json", """{"version":7}""");
        _faulty.FailWhen = (operation, key) => operation == "get" && key == BlockLayout.MetaKey(TestBlocks.Id(2));
        MetaFetcher fetcher = Fetcher();

        MetaFetchResult result = await fetcher.FetchAsync(Cancellation);

        Assert.False(result.IsComplete);
        Assert.Equal([TestBlocks.Id(1)], result.Metas.Keys);
        Assert.Equal([TestBlocks.Id(2), TestBlocks.Id(3)], result.Failures.Keys.Order());
        Assert.Contains("version 7", result.Incompleteness, StringComparison.Ordinal);
        Assert.Contains("thanos_blocks_meta_synced{state=\"failed\"} 2\n", await ExposeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listing_that_fails_is_an_error_and_counted()
    {
        _faulty.FailWhen = (operation, _) => operation == "iter";

        await Assert.ThrowsAsync<BucketException>(() => Fetcher().FetchAsync(Cancellation));

        Assert.Contains("thanos_blocks_meta_sync_failures_total 1\n", await ExposeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetchers_over_one_source_share_a_sync_under_way()
    {
        await _bucket.PutAsync(TestBlocks.Meta(1, 1));
        var source = new MetaSource(_faulty, new MetaSourceOptions(), Metrics.WithCustomRegistry(_registry), NullLogger.Instance);
        var gate = new TaskCompletionSource();
        _faulty.Before = (_, _) => gate.Task;

        Task<MetaSnapshot> first = source.SyncAsync(Cancellation), second = source.SyncAsync(Cancellation);
        using var impatient = new CancellationTokenSource();
        Task<MetaSnapshot> third = source.SyncAsync(impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        gate.SetResult();

        Assert.Same(await first, await second);
        Assert.Single(_faulty.Calls, c => c.Operation == "iter");
    }

    [Fact]
    public async Task Known_markers_save_the_looks_for_the_others()
    {
        await _bucket.PutAsync(TestBlocks.Meta(1, 1));
        await _bucket.PutAsync(TestBlocks.Meta(2, 2));
        await _bucket.UploadAsync(
            BlockLayout.Key(TestBlocks.Id(2), BlockLayout.DeletionMarkFile),
            BlockMarkJson.ToUtf8(new DeletionMark(TestBlocks.Id(2), DateTimeOffset.UnixEpoch)), Cancellation);
        var marks = new DeletionMarkFilter(_faulty, TimeSpan.Zero, 4, NullLogger.Instance);

        MetaFetchResult result = await Fetcher(BlockDiscovery.Recursive, filters: marks).FetchAsync(Cancellation);

        Assert.Equal([TestBlocks.Id(1)], result.Metas.Keys);
        Assert.Single(_faulty.Calls, c => c.Key.EndsWith(BlockLayout.DeletionMarkFile, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private MetaFetcher Fetcher(BlockDiscovery discovery = BlockDiscovery.Concurrent, bool cache = false, params IBlockFilter[] filters)
    {
        IMetricFactory metrics = Metrics.WithCustomRegistry(_registry);
        var options = new MetaSourceOptions { Discovery = discovery, CacheDirectory = cache ? _folder.Path : null };
        return new MetaFetcher(new MetaSource(_faulty, options, metrics, NullLogger.Instance), filters, metrics, _time, NullLogger.Instance);
    }

    private Task PutTextAsync(string key, string text) => _bucket.UploadAsync(key, Encoding.UTF8.GetBytes(text), Cancellation);

    private async Task<string> ExposeAsync()
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, Cancellation);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
