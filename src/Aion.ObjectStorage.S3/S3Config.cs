using System.Collections.Frozen;

namespace Aion.ObjectStorage.S3;

/// <summary>How a bucket's name gets into the address.</summary>
internal enum BucketLookup
{
    /// <summary>Virtual-hosted where the service is known to offer it, else in the path.</summary>
    Auto = 0,
    VirtualHosted,
    Path,
}

/// <summary>The settings of an S3 bucket, with Thanos's names and defaults.</summary>
internal sealed record S3Config
{
    private const long SmallestPart = 5 * 1024 * 1024;

    // A part is held in memory; an array can't be longer.
    private const long LargestPart = 1L << 30;

    public required string Bucket { get; init; }

    public required S3Endpoint Endpoint { get; init; }

    /// <summary>Empty = found elsewhere, see <see cref="UseSdkChain"/>.</summary>
    public string AccessKey { get; init; } = "";

    public string SecretKey { get; init; } = "";

    public string SessionToken { get; init; } = "";

    /// <summary>Take the SDK's own chain of credentials, web identity first; otherwise environment, then profile, then roles.</summary>
    public bool UseSdkChain { get; init; }

    /// <summary>Where web identity tokens are exchanged; empty = the region's.</summary>
    public string StsEndpoint { get; init; } = "";

    public S3Encryption Encryption { get; init; } = S3Encryption.None;

    public S3UserMetadata UserMetadata { get; init; } = S3UserMetadata.None;

    public BucketHttpConfig Http { get; init; } = new();

    public bool Trace { get; init; }

    public bool ListVersion1 { get; init; }

    public bool SendContentMd5 { get; init; } = true;

    public bool DisableMultipart { get; init; }

    public int PartBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Calls in all; 0 = ten.</summary>
    public int MaxTries { get; init; }

    private static readonly FrozenDictionary<string, BucketLookup> Lookups = new Dictionary<string, BucketLookup>
    {
        [""] = BucketLookup.Auto,
        ["auto"] = BucketLookup.Auto,
        ["virtual-hosted"] = BucketLookup.VirtualHosted,
        ["path"] = BucketLookup.Path,
    }.ToFrozenDictionary();

    /// <exception cref="BucketConfigException">The message names the field.</exception>
    public static S3Config Read(ConfigNode settings, BucketProviderContext context)
    {
        settings.RefuseUnknown(
            "bucket", "endpoint", "region", "disable_dualstack", "aws_sdk_auth", "access_key", "secret_key", "session_token", "insecure",
            "signature_version2", "encrypt_sse", "put_user_metadata", "http_config", "trace", "list_objects_version", "bucket_lookup_type",
            "send_content_md5", "disable_multipart", "part_size", "sse_config", "sts_endpoint", "max_retries");
        ConfigNode trace = settings.Map("trace");
        trace.RefuseUnknown("enable");
        RefuseSignatureVersion2(settings);
        string bucket = settings.TextOrEmpty("bucket");
        if (bucket.Length == 0) throw settings.Error("bucket", "no s3 bucket in config file");
        var config = new S3Config
        {
            Bucket = bucket,
            Endpoint = ReadEndpoint(settings, bucket),
            AccessKey = settings.TextOrEmpty("access_key"),
            SecretKey = settings.TextOrEmpty("secret_key"),
            SessionToken = settings.TextOrEmpty("session_token"),
            UseSdkChain = settings.Flag("aws_sdk_auth"),
            StsEndpoint = settings.TextOrEmpty("sts_endpoint"),
            Encryption = S3Encryption.Read(settings, context),
            UserMetadata = S3UserMetadata.Read(settings),
            Http = BucketHttpConfig.Read(settings, context),
            Trace = trace.Flag("enable"),
            ListVersion1 = ReadListVersion(settings),
            SendContentMd5 = settings.Flag("send_content_md5", defaultValue: true),
            DisableMultipart = settings.Flag("disable_multipart"),
            PartBytes = ReadPartSize(settings),
            MaxTries = (int)settings.Number("max_retries", 0, 0, 1000),
        };
        CheckCredentials(settings, config);
        return config;
    }

    private static S3Endpoint ReadEndpoint(ConfigNode settings, string bucket)
    {
        string endpoint = settings.TextOrEmpty("endpoint");
        if (endpoint.Length == 0) throw settings.Error("endpoint", "no s3 endpoint in config file");
        if (!S3Endpoint.IsHost(endpoint)) throw settings.Error("endpoint", $"must be host or host:port without scheme and path, got \"{endpoint}\"");
        string lookupText = settings.TextOrEmpty("bucket_lookup_type");
        if (!Lookups.TryGetValue(lookupText, out BucketLookup lookup))
            throw settings.Error("bucket_lookup_type", $"must be one of auto, virtual-hosted, path; got \"{lookupText}\"");
        return S3Endpoint.Of(
            endpoint, settings.TextOrEmpty("region"), settings.Flag("insecure"), settings.Flag("disable_dualstack"), lookup, bucket);
    }

    private static void RefuseSignatureVersion2(ConfigNode settings)
    {
        if (settings.Flag("signature_version2"))
            throw settings.Error("signature_version2", "is not supported by Aion: requests are signed with version 4 only");
    }

    private static bool ReadListVersion(ConfigNode settings) => settings.TextOrEmpty("list_objects_version") switch
    {
        "" or "v2" => false,
        "v1" => true,
        { } other => throw settings.Error("list_objects_version", $"must be v1 or v2, got \"{other}\""),
    };

    private static int ReadPartSize(ConfigNode settings)
    {
        long size = settings.Number("part_size", 64 * 1024 * 1024);
        if (size == 0) size = 64 * 1024 * 1024;
        return size is >= SmallestPart and <= LargestPart
            ? (int)size
            : throw settings.Error("part_size", $"must lie between {SmallestPart} and {LargestPart} bytes, got {size}");
    }

    private static void CheckCredentials(ConfigNode settings, S3Config config)
    {
        if (config.UseSdkChain && config.AccessKey.Length > 0)
            throw settings.Error("aws_sdk_auth", "aws_sdk_auth and access_key are mutually exclusive configurations");
        if (config.AccessKey.Length == 0 && config.SecretKey.Length > 0)
            throw settings.Error("access_key", "no s3 access_key specified while secret_key is present in config file; either both should be present in config or envvars/IAM should be used");
        if (config.AccessKey.Length > 0 && config.SecretKey.Length == 0)
            throw settings.Error("secret_key", "no s3 secret_key specified while access_key is present in config file; either both should be present in config or envvars/IAM should be used");
    }
}
