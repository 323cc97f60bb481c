namespace Aion.ObjectStorage.Swift;

/// <summary>The settings of a container in OpenStack's object storage, with Thanos's names and defaults.</summary>
internal sealed record SwiftConfig
{
    private const long DefaultChunk = 1L << 30;
    private const int DefaultRetries = 3;
    private static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    public required string Container { get; init; }

    public required SwiftLogin Login { get; init; }

    /// <summary>Where the segments of large objects go; the container itself where the settings name none.</summary>
    public required string SegmentContainer { get; init; }

    /// <summary>Objects of this size and more are stored as large ones, in segments of this size.</summary>
    public long ChunkBytes { get; init; } = DefaultChunk;

    /// <summary>Large objects are whatever is listed under a prefix, in place of a manifest that lists their segments.</summary>
    public bool UseDynamicLargeObjects { get; init; }

    /// <summary>Calls in all.</summary>
    public int MaxTries { get; init; } = DefaultRetries + 1;

    public BucketHttpConfig Http { get; init; } = new();

    /// <exception cref="BucketConfigException">The message names the field.</exception>
    public static SwiftConfig Read(ConfigNode settings, BucketProviderContext context)
    {
        settings.RefuseUnknown(
            "auth_version", "auth_url", "username", "user_domain_name", "user_domain_id", "user_id", "password", "domain_id", "domain_name",
            "application_credential_id", "application_credential_name", "application_credential_secret", "project_id", "project_name",
            "project_domain_id", "project_domain_name", "region_name", "container_name", "large_object_chunk_size",
            "large_object_segments_container_name", "retries", "connect_timeout", "timeout", "use_dynamic_large_objects", "http_config");
        string container = ReadContainer(settings, "container_name");
        if (container.Length == 0) throw settings.Error("container_name", "no Swift container name in config file");
        string segments = ReadContainer(settings, "large_object_segments_container_name");
        var retries = (int)settings.Number("retries", DefaultRetries, 0, 1000);
        return new SwiftConfig
        {
            Container = container,
            Login = SwiftLogin.Read(settings),
            SegmentContainer = segments.Length == 0 ? container : segments,
            ChunkBytes = settings.Number("large_object_chunk_size", DefaultChunk, lowest: 1),
            UseDynamicLargeObjects = settings.Flag("use_dynamic_large_objects"),
            // 0 is the default, as in Thanos's client.
            MaxTries = (retries == 0 ? DefaultRetries : retries) + 1,
            Http = BucketHttpConfig.Read(settings, context) with
            {
                ConnectTimeout = Positive(settings, "connect_timeout", DefaultConnectTimeout),
                StallTimeout = Positive(settings, "timeout", DefaultTimeout),
            },
        };
    }

    private static string ReadContainer(ConfigNode settings, string field)
    {
        string name = settings.TextOrEmpty(field);
        return name.Contains('/', StringComparison.Ordinal) ? throw settings.Error(field, $"a container's name holds no slash, got \"{name}\"") : name;
    }

    private static TimeSpan Positive(ConfigNode settings, string field, TimeSpan defaultValue)
    {
        TimeSpan read = settings.Duration(field, defaultValue);
        return read == TimeSpan.Zero ? defaultValue : read;
    }
}
