using Aion.Caching;

namespace Aion.StoreGateway.Tests;

/// <summary>The files behind <c>--index-cache.config</c> and <c>--store.caching-bucket.config</c>.</summary>
public sealed class CacheConfigFileTests
{
    [Theory]
    [InlineData("type: IN-MEMORY\n", 250L << 20, 125L << 20)]
    [InlineData("type: in-memory\nconfig:\n  max_size: 100MB\n", 100L << 20, 100L << 20)]
    [InlineData("type: IN-MEMORY\nconfig:\n  max_size: 1GB\n  max_item_size: 1MB\n", 1L << 30, 1L << 20)]
    public void An_index_cache_in_memory_is_read(string yaml, long max, long maxItem) =>
        Assert.Equal(new MemoryCacheConfig(max, maxItem), IndexCacheConfig.Parse(yaml).Cache);

    [Fact]
    public void A_shared_index_cache_is_read_with_its_items_and_its_time()
    {
        IndexCacheConfig config = IndexCacheConfig.Parse("type: redis\nconfig:\n  addr: a:1\nenabled_items: [Postings, Series]\nttl: 2h\n");

        Assert.Equal(["a:1"], Assert.IsType<RedisConfig>(config.Cache).Addresses);
        Assert.Equal(TimeSpan.FromHours(2), config.TimeToLive);
        Assert.True(config.Keeps(IndexItem.Postings) && config.Keeps(IndexItem.Series));
        Assert.False(config.Keeps(IndexItem.ExpandedPostings));
        Assert.Equal(TimeSpan.FromHours(24), IndexCacheConfig.Parse("type: MEMCACHED\nconfig:\n  addresses: [a:1]\nttl: 0s\n").TimeToLive);
    }

    [Theory]
    [InlineData("type: FOO\n", "index cache with type FOO is not supported")]
    [InlineData("type: GROUPCACHE\n", "index cache with type GROUPCACHE is not supported")]
    [InlineData("", "index cache with type  is not supported")]
    [InlineData("type: REDIS\nconfig:\n  address: x:1\n", "line 3: field config.address is not known")]
    [InlineData("type: MEMCACHED\n", "field config.addresses: no memcached addresses provided")]
    [InlineData("type: IN-MEMORY\nconfig:\n  max_size: 1MB\n  max_item_size: 2MB\n", "cannot be bigger than overall cache size")]
    [InlineData("type: IN-MEMORY\nconfig:\n  max_sise: 1MB\n", "config.max_sise is not known")]
    [InlineData("type: IN-MEMORY\nenabled_items: [Foo]\n", "unsupported item type Foo")]
    [InlineData("type: IN-MEMORY\nttl: never\n", "ttl")]
    [InlineData("type: IN-MEMORY\nconfig: [\n", "index cache: parsing config YAML file")]
    [InlineData("type: IN-MEMORY\nconfig: {a: 1,\nb: 2\n}", "index cache: parsing config YAML file")]
    public void A_wrong_index_cache_is_refused_by_name(string yaml, string error) =>
        Assert.Contains(error, Assert.Throws<FormatException>(() => IndexCacheConfig.Parse(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_caching_bucket_has_Thanos_defaults()
    {
        CachingBucketConfig config = CachingBucketConfig.Parse("type: IN-MEMORY\n", "");

        Assert.Equal(new MemoryCacheConfig(250L << 20, 125L << 20), config.Cache);
        Assert.Equal((16_000, 3, 1 << 20), (config.ChunkSubrangeBytes, config.MaxChunksGetRangeRequests, config.MetaFileMaxBytes));
        Assert.Equal((24, 24, 2, 24), (config.ChunkObjectAttributesTtl.TotalHours, config.ChunkSubrangeTtl.TotalHours, config.MetaFileExistsTtl.TotalHours, config.MetaFileContentTtl.TotalHours));
        Assert.Equal((5, 15), (config.BlocksListTtl.TotalMinutes, config.MetaFileAbsentTtl.TotalMinutes));
    }

    [Fact]
    public void A_caching_bucket_takes_every_field()
    {
        CachingBucketConfig config = CachingBucketConfig.Parse("""
            type: memcached
            config: {addresses: [a:1]}
            chunk_subrange_size: 8000
            max_chunks_get_range_requests: -1
            metafile_max_size: 2MiB
            chunk_object_attrs_ttl: 1s
            chunk_subrange_ttl: 2s
            blocks_iter_ttl: 3s
            metafile_exists_ttl: 4s
            metafile_doesnt_exist_ttl: 5s
            metafile_content_ttl: 6s
            """, "");

        Assert.IsType<MemcachedConfig>(config.Cache);
        Assert.Equal((8000, -1, 2 << 20), (config.ChunkSubrangeBytes, config.MaxChunksGetRangeRequests, config.MetaFileMaxBytes));
        Assert.Equal([1, 2, 3, 4, 5, 6], ((TimeSpan[])
        [
            config.ChunkObjectAttributesTtl, config.ChunkSubrangeTtl, config.BlocksListTtl, config.MetaFileExistsTtl, config.MetaFileAbsentTtl, config.MetaFileContentTtl,
        ]).Select(t => t.TotalSeconds));
    }

    [Theory]
    [InlineData("type: GROUPCACHE\nconfig:\n  self_url: http://x\n", "GROUPCACHE is not supported")]
    [InlineData("type: FOO\n", "unsupported cache type: FOO")]
    [InlineData("type: IN-MEMORY\nchunk_subrange_size: 0\n", "chunk_subrange_size")]
    [InlineData("type: IN-MEMORY\nchunk_subrang_size: 1\n", "line 2: field chunk_subrang_size is not known")]
    [InlineData("type: IN-MEMORY\nmetafile_max_size: 5\n", "metafile_max_size")]
    [InlineData("type: IN-MEMORY\nblocks_iter_ttl: 5d\n", "blocks_iter_ttl")]
    public void A_wrong_caching_bucket_is_refused_by_name(string yaml, string error) =>
        Assert.Contains(error, Assert.Throws<FormatException>(() => CachingBucketConfig.Parse(yaml, "")).Message, StringComparison.Ordinal);
}
