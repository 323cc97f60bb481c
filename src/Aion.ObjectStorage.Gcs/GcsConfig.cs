namespace Aion.ObjectStorage.Gcs;

/// <summary>The settings of a bucket in Google's cloud storage, with Thanos's names and defaults.</summary>
internal sealed record GcsConfig
{
    // Chunks of an upload must be multiples of this.
    private const int ChunkGrain = 256 * 1024;
    private const int DefaultChunk = 16 * 1024 * 1024;
    private const int LargestChunk = 1 << 30;
    private const int DefaultTries = 8;

    public required string Bucket { get; init; }

    /// <summary>A credential's JSON; empty = the environment's default credentials.</summary>
    public string ServiceAccount { get; init; } = "";

    public BucketHttpConfig Http { get; init; } = new();

    /// <summary>What an upload holds in memory and sends at once.</summary>
    public int ChunkBytes { get; init; } = DefaultChunk;

    /// <summary>Calls in all.</summary>
    public int MaxTries { get; init; } = DefaultTries;

    /// <exception cref="BucketConfigException">The message names the field.</exception>
    public static GcsConfig Read(ConfigNode settings, BucketProviderContext context)
    {
        settings.RefuseUnknown("bucket", "service_account", "use_grpc", "grpc_conn_pool_size", "http_config", "chunk_size_bytes", "max_retries");
        string bucket = settings.TextOrEmpty("bucket");
        if (bucket.Length == 0) throw settings.Error("bucket", "missing Google Cloud Storage bucket name for stored blocks");
        if (settings.Flag("use_grpc")) throw settings.Error("use_grpc", "is not supported by Aion: the JSON API over HTTP is used");
        settings.Number("grpc_conn_pool_size", 0, 0, int.MaxValue);
        var tries = (int)settings.Number("max_retries", 0, 0, 1000);
        return new GcsConfig
        {
            Bucket = bucket,
            ServiceAccount = settings.TextOrEmpty("service_account"),
            Http = BucketHttpConfig.Read(settings, context),
            ChunkBytes = ReadChunk(settings),
            MaxTries = tries > 0 ? tries : DefaultTries,
        };
    }

    private static int ReadChunk(ConfigNode settings)
    {
        var asked = (int)settings.Number("chunk_size_bytes", 0, 0, LargestChunk);
        return asked == 0 ? DefaultChunk : (int)Math.Min(LargestChunk, ((long)asked + ChunkGrain - 1) / ChunkGrain * ChunkGrain);
    }
}
