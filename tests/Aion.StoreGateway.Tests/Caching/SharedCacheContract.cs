using System.Globalization;
using System.Text;
using Aion.Caching;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.ObjectStorage.S3;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;
using Microsoft.Extensions.Logging.Abstractions;
using MatchType = Aion.Model.MatchType;

namespace Aion.StoreGateway.Tests;

/// <summary>A store over real Redis and Memcached: what is cached is not read again, and no cache, however broken, changes an answer.</summary>
public abstract class SharedCacheContract(string indexKind, string bucketKind) : IAsyncLifetime
{
    // Large enough for several pieces of a segment file.
    private const int SeriesCount = 600;

    private readonly TempDirectory _temp = new();
    private readonly List<BucketGateway> _gateways = [];
    private CacheServer? _index, _chunks;

    private string[] _expected = [];

    /// <summary>The bucket that all stores of a test share, with the blocks in it.</summary>
    protected FaultyBucket? Bucket { get; private set; }

    protected string Folder => _temp.Combine("bucket");

    protected abstract Task<IBucket> OpenBucketAsync();

    public async ValueTask InitializeAsync()
    {
        for (var b = 0; b < 2; b++)
            TestBlocks.Write(Folder, BlockId.New(TimeProvider.System), Labels.Of("replica", $"{b}"), [.. Enumerable.Range(0, SeriesCount).Select(Series)]);
        Bucket = new FaultyBucket(await OpenBucketAsync());
        _index = await StartAsync(indexKind);
        _chunks = await StartAsync(bucketKind);
        BucketGateway plain = await OpenAsync(new StoreGatewayOptions());
        _expected = await AnswersAsync(plain);
        Assert.True(_expected.Length > SeriesCount);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (BucketGateway gateway in _gateways) await gateway.DisposeAsync();
        await _index!.DisposeAsync();
        await _chunks!.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task The_second_run_touches_the_bucket_for_nothing_and_so_does_another_store()
    {
        BucketGateway store = await OpenCachedAsync();
        await UntilCachedAsync(store);

        BucketGateway other = await OpenCachedAsync();
        Bucket!.Calls.Clear();
        Assert.Equal(_expected, await AnswersAsync(other));
        Assert.Empty(Bucket.Calls);
    }

    [Fact]
    public async Task Caches_that_die_change_no_answer_and_neither_do_they_when_they_are_back()
    {
        BucketGateway store = await OpenCachedAsync();
        await UntilCachedAsync(store);
        await _index!.KillAsync();
        Assert.Equal(_expected, await AnswersAsync(store));
        await _chunks!.KillAsync();
        Assert.Equal(_expected, await AnswersAsync(store));

        await _index.RestartAsync();
        await _chunks.RestartAsync();
        Assert.Equal(_expected, await AnswersAsync(store));
        await UntilCachedAsync(store);
    }

    [Fact]
    public async Task Caches_that_die_in_the_middle_of_queries_change_no_answer()
    {
        BucketGateway store = await OpenCachedAsync();
        await UntilCachedAsync(store);
        Task<string[]>[] running = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => AnswersAsync(store)))];
        await _index!.KillAsync();
        await _chunks!.KillAsync();
        foreach (Task<string[]> one in running) Assert.Equal(_expected, await one);
    }

    [Fact]
    public async Task Caches_that_hang_cost_their_timeouts_once()
    {
        BucketGateway patient = await OpenCachedAsync();
        await UntilCachedAsync(patient);
        BucketGateway store = await OpenCachedAsync("300ms");
        _index!.Freeze();
        _chunks!.Freeze();
        Bucket!.Calls.Clear();
        for (var i = 0; i < 10; i++) Assert.Equal(_expected, await AnswersAsync(store));
        // They were asked, or the bucket would not have been.
        Assert.NotEmpty(Bucket.Calls);
        _index.Thaw();
        _chunks.Thaw();
    }

    [Fact]
    public async Task Damaged_values_count_as_not_found_and_are_mended()
    {
        BucketGateway store = await OpenCachedAsync();
        await UntilCachedAsync(store);
        // Thanos's form of a series has no checksum: what still decodes there is believed.
        foreach (Func<string, byte[], byte[]> damage in (Func<string, byte[], byte[]>[])
            [(_, _) => [], (_, v) => v[..(v.Length / 2)], (_, v) => [.. v.Reverse()], (k, v) => k.StartsWith("S:", StringComparison.Ordinal) ? v : Flip(v)])
        {
            await RewriteAsync(damage);
            Assert.Equal(_expected, await AnswersAsync(store));
        }

        await UntilCachedAsync(store);
    }

    private static byte[] Flip(byte[] value)
    {
        byte[] changed = [.. value];
        for (var i = 3; i < changed.Length; i += 50) changed[i] ^= 0x10;
        return changed;
    }

    private static async Task<CacheServer> StartAsync(string kind) => kind == "REDIS" ? await CacheServer.RedisAsync() : await CacheServer.MemcachedAsync();

    private static string Settings(string kind, CacheServer server, string timeout) => kind == "REDIS"
        ? $"type: REDIS\nconfig:\n  addr: '{server.Address}'\n  read_timeout: {timeout}\n  write_timeout: {timeout}\n"
        : $"type: MEMCACHED\nconfig:\n  addresses: ['{server.Address}']\n  timeout: {timeout}\n";

    private static ChunkSeries Series(int i)
    {
        var chunks = new List<SeriesChunk>();
        for (var c = 0; c < 3; c++)
        {
            var writer = new XorChunkWriter();
            for (var s = 0; s < 20; s++) writer.Append(c * 20_000 + s * 1000, Math.Sin(i * 37 + s * 1.7));
            chunks.Add(new SeriesChunk(c * 20_000, c * 20_000 + 19_000, writer.ToChunk()));
        }

        // Names and values that Thanos's keys cannot tell apart.
        Labels labels = (i % 4) switch
        {
            0 => Labels.Of("__name__", "up", "a", "b:c", "i", $"{i}"),
            1 => Labels.Of("__name__", "up", "a:b", "c", "i", $"{i}"),
            _ => Labels.Of("__name__", "up", "i", $"{i}"),
        };
        return new ChunkSeries(labels, chunks);
    }

    private Task<BucketGateway> OpenCachedAsync(string timeout = "20s")
    {
        return OpenAsync(new StoreGatewayOptions
        {
            IndexCache = IndexCacheConfig.Parse(Settings(indexKind, _index!, timeout)),
            CachingBucket = CachingBucketConfig.Parse(Settings(bucketKind, _chunks!, timeout), ""),
        });
    }

    private async Task<BucketGateway> OpenAsync(StoreGatewayOptions options)
    {
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
        var context = new ComponentContext("store", NullLoggerFactory.Instance, TimeProvider.System, environment);
        var gateway = new BucketGateway(Bucket!, options, context);
        _gateways.Add(gateway);
        await gateway.SyncAsync(CancellationToken.None);
        return gateway;
    }

    /// <summary>Asks until the bucket is not touched: values are stored in the background.</summary>
    private async Task UntilCachedAsync(BucketGateway store)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            Bucket!.Calls.Clear();
            Assert.Equal(_expected, await AnswersAsync(store));
        }
        while (!Bucket.Calls.IsEmpty);
    }

    /// <summary>Puts other values in place of what is cached.</summary>
    private async Task RewriteAsync(Func<string, byte[], byte[]> damage)
    {
        foreach ((string kind, CacheServer server) in ((string, CacheServer)[])[(indexKind, _index!), (bucketKind, _chunks!)])
        {
            string[] keys = kind == "REDIS"
                ? (await server.RedisCliAsync("keys", "*")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                : await server.MemcachedKeysAsync();
            Assert.NotEmpty(keys);
            await using ICache cache = Caches.Create(
                IndexCacheConfig.Parse(Settings(kind, server, "20s")).Cache,
                new CacheContext("test", new MetricsRegistry(TimeProvider.System), TimeProvider.System, NullLogger.Instance, () => 0));
            byte[]?[] values = await cache.GetAsync(keys, CancellationToken.None);
            for (var i = 0; i < keys.Length; i++)
                if (values[i] is { } value) cache.Set(keys[i], damage(keys[i], value), TimeSpan.FromHours(1));
        }
    }

    /// <summary>Every series and sample of a few queries, as text.</summary>
    private static async Task<string[]> AnswersAsync(BucketGateway gateway)
    {
        var lines = new List<string>();
        LabelMatcher[][] queries =
        [
            [LabelMatcher.Equal("__name__", "up")],
            [LabelMatcher.Equal("a", "b:c")],
            [LabelMatcher.Equal("a:b", "c")],
            [LabelMatcher.Equal("__name__", "up"), new LabelMatcher(MatchType.Regex, "i", "1.*|2"), new LabelMatcher(MatchType.NotEqual, "a", "b:c")],
        ];
        foreach (LabelMatcher[] matchers in queries)
        {
            var request = new SelectRequest { MinTimeMs = 0, MaxTimeMs = 50_000, Matchers = matchers, PartialResponse = PartialResponse.Abort, Tenant = "t" };
            await foreach (SeriesFrame frame in gateway.Store.SelectAsync(request, CancellationToken.None))
            {
                lines.AddRange(frame.Warnings);
                foreach (ChunkSeries series in frame.Series)
                {
                    var text = new StringBuilder(series.Labels.ToString());
                    foreach (SeriesChunk chunk in series.Chunks)
                        text.Append(CultureInfo.InvariantCulture, $" {chunk.MinTimeMs}-{chunk.MaxTimeMs}:{Convert.ToHexString(chunk.Raw.Data.Span)}");
                    lines.Add(text.ToString());
                }
            }
        }

        return [.. lines];
    }
}

/// <summary>Over a folder; indexes in Redis, chunks in Memcached.</summary>
public sealed class RedisAndMemcachedTests() : SharedCacheContract("REDIS", "MEMCACHED")
{
    protected override Task<IBucket> OpenBucketAsync() => Task.FromResult<IBucket>(new FilesystemBucket(Folder, TimeProvider.System));
}

/// <summary>Over OpenStack Swift's S3; indexes in Memcached, chunks in Redis.</summary>
public sealed class MemcachedAndRedisOverS3Tests() : SharedCacheContract("MEMCACHED", "REDIS")
{
    protected override async Task<IBucket> OpenBucketAsync()
    {
        IReadOnlyDictionary<string, string> server = await ServiceScript.StartAsync("swift-s3.sh");
        string yaml = $"type: S3\nprefix: caches/{Guid.NewGuid():N}\nconfig: {{bucket: {server["AION_S3_BUCKET"]}, endpoint: '{new Uri(server["AION_S3_ENDPOINT"]).Authority}', "
            + $"region: {server["AION_S3_REGION"]}, insecure: true, access_key: '{server["AION_S3_ACCESS_KEY"]}', secret_key: {server["AION_S3_SECRET_KEY"]}}}\n";
        IBucket bucket = new BucketFactory(new S3BucketProvider()).Create(
            yaml, new MetricsRegistry(TimeProvider.System).Factory, TimeProvider.System, NullLogger.Instance, _ => null);
        foreach (string file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
            await bucket.UploadAsync(Path.GetRelativePath(Folder, file), await File.ReadAllBytesAsync(file), CancellationToken.None);
        return bucket;
    }
}
