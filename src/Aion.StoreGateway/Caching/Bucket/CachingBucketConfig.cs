using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Aion.Caching;
using Aion.ObjectStorage;

namespace Aion.StoreGateway;

/// <summary>How chunks and small files of a bucket are cached; reference/config-files.md §2.2.</summary>
/// <param name="Cache">Where they are kept.</param>
/// <param name="ConfigHash">Tells listings of different buckets apart that share a cache: of the file's text and its path, as Thanos has it.</param>
public sealed record CachingBucketConfig(CacheConfig Cache, string ConfigHash)
{
    /// <summary>Chunk files are cached in pieces of so many bytes.</summary>
    public int ChunkSubrangeBytes { get; init; } = 16_000;

    /// <summary>Requests to the bucket for one read of a range; 0 or less: no limit.</summary>
    public int MaxChunksGetRangeRequests { get; init; } = 3;

    /// <summary>Larger small files are not cached.</summary>
    public int MetaFileMaxBytes { get; init; } = 1 << 20;

    public TimeSpan ChunkObjectAttributesTtl { get; init; } = TimeSpan.FromHours(24);

    public TimeSpan ChunkSubrangeTtl { get; init; } = TimeSpan.FromHours(24);

    public TimeSpan BlocksListTtl { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan MetaFileExistsTtl { get; init; } = TimeSpan.FromHours(2);

    public TimeSpan MetaFileAbsentTtl { get; init; } = TimeSpan.FromMinutes(15);

    public TimeSpan MetaFileContentTtl { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Reads the configuration file's text.</summary>
    /// <param name="path">Of the file; empty when the text came inline.</param>
    /// <exception cref="FormatException">Names the field that is wrong, or the kind of cache that is not built.</exception>
    public static CachingBucketConfig Parse(string yaml, string path)
    {
        try
        {
            return Read(ConfigNode.Parse(yaml), HashOf(yaml, path));
        }
        catch (BucketConfigException e)
        {
            throw new FormatException($"caching bucket: {e.Message}", e);
        }
    }

    internal static string HashOf(string yaml, string path) =>
        XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(yaml + path)).ToString(CultureInfo.InvariantCulture);

    private static CachingBucketConfig Read(ConfigNode root, string hash)
    {
        root.RefuseUnknown(
            "type", "config", "chunk_subrange_size", "max_chunks_get_range_requests", "metafile_max_size", "chunk_object_attrs_ttl",
            "chunk_subrange_ttl", "blocks_iter_ttl", "metafile_exists_ttl", "metafile_doesnt_exist_ttl", "metafile_content_ttl");
        string type = root.TextOrEmpty("type");
        if (type.Equals("GROUPCACHE", StringComparison.OrdinalIgnoreCase))
            throw root.Error("type", "GROUPCACHE is not supported by Aion: use IN-MEMORY for a cache in each gateway, or MEMCACHED or REDIS for one that gateways share");
        CacheConfig cache = CacheConfig.Read(type, root.Map("config"))
            ?? throw root.Error("type", $"unsupported cache type: {type}; supported: IN-MEMORY, MEMCACHED, REDIS");
        var defaults = new CachingBucketConfig(cache, hash);
        return defaults with
        {
            ChunkSubrangeBytes = (int)root.Number("chunk_subrange_size", defaults.ChunkSubrangeBytes, 1, 1 << 30),
            MaxChunksGetRangeRequests = (int)root.Number("max_chunks_get_range_requests", defaults.MaxChunksGetRangeRequests, int.MinValue, int.MaxValue),
            MetaFileMaxBytes = (int)Math.Min(root.Bytes("metafile_max_size", defaults.MetaFileMaxBytes), 1 << 30),
            ChunkObjectAttributesTtl = root.GoDuration("chunk_object_attrs_ttl", defaults.ChunkObjectAttributesTtl),
            ChunkSubrangeTtl = root.GoDuration("chunk_subrange_ttl", defaults.ChunkSubrangeTtl),
            BlocksListTtl = root.GoDuration("blocks_iter_ttl", defaults.BlocksListTtl),
            MetaFileExistsTtl = root.GoDuration("metafile_exists_ttl", defaults.MetaFileExistsTtl),
            MetaFileAbsentTtl = root.GoDuration("metafile_doesnt_exist_ttl", defaults.MetaFileAbsentTtl),
            MetaFileContentTtl = root.GoDuration("metafile_content_ttl", defaults.MetaFileContentTtl),
        };
    }
}
