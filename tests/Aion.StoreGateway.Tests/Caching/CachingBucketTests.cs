using System.Text;
using System.Text.Json;
using Aion.Caching;
using Aion.Hosting;
using Aion.ObjectStorage;
using Aion.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aion.StoreGateway.Tests;

/// <summary>The caching bucket against what Thanos's asks and stores (<c>golden/write/index-cache.jsonl</c>), and against a cache that lies.</summary>
public sealed class CachingBucketTests : IAsyncDisposable
{
    private const string Block = "01HZZZZZZZZZZZZZZZZZZZZZZZ";
    private const string Chunks = Block + "/chunks/000001";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly RecordingCache _cache = new();
    private readonly FaultyBucket _inner;
    private readonly byte[] _content = [.. Enumerable.Range(0, 40_000).Select(i => (byte)(i * 7))];

    public CachingBucketTests() => _inner = new FaultyBucket(new InMemoryBucket(_time));

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    [Fact]
    public void Keys_are_those_of_Thanos()
    {
        foreach (JsonElement line in Lines("bucket_key"))
        {
            string name = line.GetProperty("name").GetString()!, hash = line.GetProperty("config_hash").GetString()!;
            string key = line.GetProperty("verb").GetString() switch
            {
                "exists" => BucketCacheKeys.Exists(name),
                "content" => BucketCacheKeys.Content(name),
                "attrs" => BucketCacheKeys.Attributes(name),
                "subrange" => BucketCacheKeys.Subrange(name, line.GetProperty("start").GetInt64(), line.GetProperty("end").GetInt64()),
                "iter" => BucketCacheKeys.Listing(name, recursive: false, hash),
                _ => BucketCacheKeys.Listing(name, recursive: true, hash),
            };
            // A subrange without an end is one that nobody asks for.
            if (line.GetProperty("verb").GetString() != "subrange" || line.GetProperty("end").GetInt64() > 0) Assert.Equal(line.GetProperty("key").GetString(), key);
        }
    }

    [Fact]
    public void Listings_are_told_apart_by_the_hash_that_Thanos_takes()
    {
        foreach (JsonElement line in Lines("bucket_config_hash"))
        {
            string key = line.GetProperty("redis").EnumerateArray().Select(e => e.GetProperty("key").GetString()!).Single(k => k.StartsWith("iter", StringComparison.Ordinal));
            string hash = CachingBucketConfig.HashOf(line.GetProperty("yaml").GetString()!, line.GetProperty("config_path").GetString()!);
            Assert.Equal(key, BucketCacheKeys.Listing("", recursive: false, hash));
        }
    }

    [Fact]
    public async Task What_is_asked_and_stored_is_what_Thanos_asks_and_stores()
    {
        await FillAsync();
        CachingBucket bucket = Bucket();
        foreach (JsonElement line in Lines("bucket_operation"))
        {
            string operation = line.GetProperty("operation").GetString()!;
            // Of a listing with objects Thanos keeps names alone; ours is kept under a key of our own.
            if (operation.StartsWith("iter root recursive", StringComparison.Ordinal)) continue;
            _cache.Asked.Clear();
            _cache.Stored.Clear();
            await RunAsync(bucket, operation.Replace(" (again)", "", StringComparison.Ordinal), line.GetProperty("result"));

            string[] asked = line.GetProperty("keys_asked").ValueKind == JsonValueKind.Null
                ? [] : [.. line.GetProperty("keys_asked").EnumerateArray().Select(k => k.GetString()!)];
            Assert.Equal(asked, _cache.Asked.Where(k => !k.StartsWith("aion:", StringComparison.Ordinal)));
            JsonElement[] stored = [.. line.GetProperty("stored").EnumerateArray()];
            Assert.Equal(
                stored.Select(s => s.GetProperty("key").GetString()).Order(StringComparer.Ordinal), _cache.Stored.Select(s => s.Key).Order(StringComparer.Ordinal));
            foreach (JsonElement expected in stored)
            {
                (_, byte[] value, TimeSpan ttl) = _cache.Stored.Single(s => s.Key == expected.GetProperty("key").GetString());
                Assert.Equal(expected.GetProperty("ttl_seconds").GetDouble(), ttl.TotalSeconds);
                if (expected.TryGetProperty("value", out JsonElement whole)) Assert.Equal(whole.GetString(), Convert.ToBase64String(value));
                else Assert.Equal(expected.GetProperty("value_head").GetString(), Convert.ToBase64String(value.AsSpan(0, 32)));
                if (expected.TryGetProperty("value_bytes", out JsonElement length)) Assert.Equal(length.GetInt32(), value.Length);
            }
        }
    }

    [Fact]
    public async Task What_is_cached_is_not_asked_of_the_bucket_again()
    {
        await FillAsync();
        CachingBucket bucket = Bucket();
        for (var i = 0; i < 2; i++)
        {
            _inner.Calls.Clear();
            foreach ((long offset, long length) in ((long, long)[])[(0, 100), (15_990, 20), (0, 40_000), (39_990, 100), (40_000, 5)])
                Assert.Equal(_content.AsSpan((int)offset, (int)Math.Min(length, 40_000 - offset)).ToArray(), await RangeAsync(bucket, offset, length));
            Assert.True(await bucket.ExistsAsync(Block + "/meta.json", default));
            Assert.Null(await bucket.TryGetAsync(Block + "/deletion-mark.json", default));
            await AssertListedAsync(bucket, recursive: false);
            await AssertListedAsync(bucket, recursive: true);
        }

        Assert.Empty(_inner.Calls);
    }

    [Fact]
    public async Task Reads_of_missing_pieces_are_merged_until_they_are_few()
    {
        await FillAsync();
        CachingBucket bucket = Bucket(c => c with { ChunkSubrangeBytes = 1000, MaxChunksGetRangeRequests = 2 });
        foreach (int start in (int[])[1000, 3000, 20_000, 30_000]) await RangeAsync(bucket, start, 1000);
        _inner.Calls.Clear();

        Assert.Equal(_content, await RangeAsync(bucket, 0, 40_000));
        Assert.InRange(_inner.Calls.Count(c => c.Operation == "get_range"), 1, 2);
    }

    [Theory]
    [InlineData(new[] { 0, 1, 2 }, 0, new[] { 0, 2 })]
    [InlineData(new[] { 0, 2, 4, 9 }, 0, new[] { 0, 0, 2, 2, 4, 4, 9, 9 })]
    [InlineData(new[] { 0, 2, 4, 9 }, 3, new[] { 0, 4, 9, 9 })]
    [InlineData(new[] { 0, 2, 4, 9 }, 1, new[] { 0, 9 })]
    [InlineData(new int[0], 3, new int[0])]
    public void Missing_pieces_are_grouped(int[] missing, int most, int[] expected) =>
        Assert.Equal(expected, Subranges.Reads(missing, most).SelectMany(r => (int[])[r.First, r.Last]));

    [Fact]
    public async Task A_cached_value_that_cannot_be_right_counts_as_not_found()
    {
        await FillAsync();
        CachingBucket bucket = Bucket();
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(_content, await RangeAsync(bucket, 0, 40_000));
            Assert.True(await bucket.ExistsAsync(Block + "/meta.json", default));
            Assert.Equal("""{"version":1}""", await TextAsync(await bucket.GetAsync(Block + "/meta.json", default)));
            await AssertListedAsync(bucket, recursive: false);
            await AssertListedAsync(bucket, recursive: true);
            foreach (string key in _cache.Values.Keys) _cache.Values[key] = [0xFF, 0x00, (byte)'{'];
        }
    }

    [Fact]
    public async Task A_size_in_the_cache_that_is_too_large_does_not_fail_a_read()
    {
        await FillAsync();
        CachingBucket bucket = Bucket();
        _cache.Values[BucketCacheKeys.Attributes(Chunks)] = BucketCacheValues.OfAttributes(new ObjectAttributes(100_000, _time.GetUtcNow()));

        Assert.Equal(_content.AsSpan(39_000).ToArray(), await RangeAsync(bucket, 39_000, 20_000));
    }

    [Fact]
    public async Task Reading_afresh_mends_what_is_cached()
    {
        await FillAsync();
        CachingBucket bucket = Bucket();
        await RangeAsync(bucket, 0, 100);
        string key = BucketCacheKeys.Subrange(Chunks, 0, 16_000);
        _cache.Values[key] = new byte[16_000];
        Assert.Equal(new byte[100], await RangeAsync(bucket, 0, 100));

        Assert.Equal(_content.AsSpan(0, 100).ToArray(), await RangeAsync(bucket.Afresh!, 0, 100));
        Assert.Equal(_content.AsSpan(0, 100).ToArray(), await RangeAsync(bucket, 0, 100));
    }

    [Fact]
    public async Task While_the_cache_is_not_to_be_had_calls_go_to_the_bucket_as_they_are()
    {
        await FillAsync();
        CachingBucket bucket = Bucket();
        _cache.IsAvailable = false;

        Assert.Equal(_content.AsSpan(7, 10).ToArray(), await RangeAsync(bucket, 7, 10));
        Assert.True(await bucket.ExistsAsync(Block + "/meta.json", default));
        await AssertListedAsync(bucket, recursive: false);
        Assert.Equal([("get_range", Chunks), ("exists", Block + "/meta.json"), ("iter", "")], _inner.Calls);
        Assert.Empty(_cache.Asked);
        Assert.Empty(_cache.Stored);
    }

    [Fact]
    public async Task A_small_file_that_is_too_large_passes_through_whole()
    {
        await FillAsync();
        CachingBucket bucket = Bucket(c => c with { MetaFileMaxBytes = 1000 });
        string large = new('x', 30_000);
        await _inner.UploadAsync("x/meta.json", Encoding.ASCII.GetBytes(large), default);

        Assert.Equal(large, await TextAsync(await bucket.GetAsync("x/meta.json", default)));
        Assert.DoesNotContain(_cache.Values.Keys, k => k.StartsWith("content:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mark_that_is_set_is_seen_at_once()
    {
        CachingBucket bucket = Bucket();
        Assert.Null(await bucket.TryGetAsync(Block + "/deletion-mark.json", default));
        await bucket.UploadAsync(Block + "/deletion-mark.json", """{"version":1}"""u8.ToArray(), default);

        Assert.True(await bucket.ExistsAsync(Block + "/deletion-mark.json", default));
        Assert.Equal("""{"version":1}""", await TextAsync((await bucket.TryGetAsync(Block + "/deletion-mark.json", default))!));
        Assert.Contains(("upload", Block + "/deletion-mark.json"), _inner.Calls);
    }

    [Fact]
    public async Task A_missing_object_is_not_found_from_the_cache_as_well()
    {
        CachingBucket bucket = Bucket();
        for (var i = 0; i < 2; i++)
            Assert.Equal(BucketErrorKind.NotFound, (await Assert.ThrowsAsync<BucketException>(() => bucket.GetAsync("x/meta.json", default))).Kind);
        Assert.Equal(BucketErrorKind.NotFound, (await Assert.ThrowsAsync<BucketException>(() => bucket.GetRangeAsync(Chunks, 0, 10, default))).Kind);
        Assert.Single(_inner.Calls, c => c.Operation == "get");
    }

    private CachingBucket Bucket(Func<CachingBucketConfig, CachingBucketConfig>? change = null)
    {
        var config = new CachingBucketConfig(MemoryCacheConfig.OfSize(1 << 20), "1234567890");
        return new CachingBucket(_inner, _cache, change?.Invoke(config) ?? config, new BucketCacheMetrics(new MetricsRegistry(_time)), _time);
    }

    private async Task FillAsync()
    {
        await _inner.UploadAsync(Block + "/meta.json", """{"version":1}"""u8.ToArray(), default);
        await _inner.UploadAsync(Block + "/index", "index"u8.ToArray(), default);
        await _inner.UploadAsync(Chunks, _content, default);
        _inner.Calls.Clear();
    }

    private static async Task RunAsync(CachingBucket bucket, string operation, JsonElement result)
    {
        switch (operation.Split(' '))
        {
            case ["exists", "meta.json"]:
                Assert.True(await bucket.ExistsAsync(Block + "/meta.json", default));
                break;
            case ["exists", "missing", "meta.json"]:
                Assert.False(await bucket.ExistsAsync("x/meta.json", default));
                break;
            case ["get", "meta.json"]:
                Assert.Equal(result.GetInt32(), (await TextAsync(await bucket.GetAsync(Block + "/meta.json", default))).Length);
                break;
            case ["get", "missing", ..]:
                Assert.Null(await bucket.TryGetAsync("x/deletion-mark.json", default));
                break;
            case ["get", "index", ..]:
                Assert.Equal(result.GetInt32(), (await TextAsync(await bucket.GetAsync(Block + "/index", default))).Length);
                break;
            case ["attributes", "chunk"]:
                Assert.Equal(result.GetInt64(), (await bucket.AttributesAsync(Chunks, default)).SizeBytes);
                break;
            case ["range", var range, ..]:
                long[] numbers = [.. range.Split('+').Select(long.Parse)];
                Assert.Equal(result.GetInt32(), (await RangeAsync(bucket, numbers[0], numbers[1])).Length);
                break;
            case ["iter", "root"]:
                await AssertListedAsync(bucket, recursive: false);
                break;
            default:
                Assert.Fail($"operation {operation} is not known to this test");
                break;
        }
    }

    private static async Task AssertListedAsync(CachingBucket bucket, bool recursive)
    {
        var keys = new List<string>();
        await foreach (BucketEntry entry in bucket.ListAsync("", recursive, default))
        {
            keys.Add(entry.Key);
            if (entry.Key == Chunks) Assert.Equal(40_000, entry.Attributes!.Value.SizeBytes);
        }

        Assert.Equal(recursive ? [Chunks, Block + "/index", Block + "/meta.json"] : [Block + "/"], keys.Order(StringComparer.Ordinal));
    }

    private static async Task<byte[]> RangeAsync(IBucket bucket, long offset, long length)
    {
        await using Stream stream = await bucket.GetRangeAsync(Chunks, offset, length, default);
        using var whole = new MemoryStream();
        await stream.CopyToAsync(whole);
        return whole.ToArray();
    }

    private static async Task<string> TextAsync(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    private static IEnumerable<JsonElement> Lines(string kind) =>
        File.ReadLines(SharedFolder.Require("golden", "write", "index-cache.jsonl"))
            .Select(l => JsonDocument.Parse(l).RootElement)
            .Where(l => l.GetProperty("kind").GetString() == kind);
}
