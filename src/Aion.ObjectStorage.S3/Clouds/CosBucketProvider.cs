using System.Text.RegularExpressions;

namespace Aion.ObjectStorage.S3;

/// <summary>The <c>COS</c> kind of bucket: Tencent's.</summary>
public sealed partial class CosBucketProvider : CloudBucketProvider
{
    public override string Type => "COS";

    internal override S3Config Read(ConfigNode settings, BucketProviderContext context)
    {
        settings.RefuseUnknown("bucket", "region", "app_id", "endpoint", "secret_key", "secret_id", "max_retries", "http_config");
        (string bucket, S3Endpoint endpoint) = settings.TextOrEmpty("endpoint").Length > 0 ? FromEndpoint(settings) : FromParts(settings);
        return new S3Config
        {
            Bucket = bucket,
            Endpoint = endpoint,
            AccessKey = Required(settings, "secret_id"),
            SecretKey = Required(settings, "secret_key"),
            Http = BucketHttpConfig.Read(settings, context),
            MaxTries = (int)settings.Number("max_retries", 0, 0, 1000),
        };
    }

    private (string Bucket, S3Endpoint Endpoint) FromParts(ConfigNode settings)
    {
        string region = Required(settings, "region");
        string bucket = $"{Required(settings, "bucket")}-{Required(settings, "app_id")}";
        if (!S3Endpoint.IsHost($"{bucket}.{region}"))
            throw settings.Error("region", $"region \"{region}\" and bucket \"{bucket}\" make no host name");
        return (bucket, At("https", $"cos.{region}.myqcloud.com", region, pathStyle: false));
    }

    /// <summary>The field is the bucket's own address: <c>https://name-appid.cos.region.myqcloud.com</c>, or a server's with the bucket as its path.</summary>
    private (string Bucket, S3Endpoint Endpoint) FromEndpoint(ConfigNode settings)
    {
        Uri address = RequiredAddress(settings, "endpoint");
        string region = settings.TextOrEmpty("region");
        string path = address.AbsolutePath.Trim('/');
        if (path.Length > 0 && !path.Contains('/', StringComparison.Ordinal)) return (path, At(address.Scheme, address.Authority, region, pathStyle: true));
        Match known = BucketHost().Match(address.Authority);
        if (!known.Success || path.Length > 0)
            throw settings.Error(
                "endpoint", $"\"{address}\" is not https://<bucket>-<app_id>.cos.<region>.myqcloud.com; for another address use type S3 with its endpoint and bucket");
        if (known.Groups["region"].Success) region = known.Groups["region"].Value;
        else if (region.Length == 0) throw settings.Error("region", $"is required beside endpoint {address.Host}, which does not name it");
        return (known.Groups["bucket"].Value, At(address.Scheme, known.Groups["service"].Value, region, pathStyle: false));
    }

    [GeneratedRegex(@"^(?<bucket>[a-z0-9-]+)\.(?<service>cos(?:\.accelerate|(?:-internal)?\.(?<region>[a-z0-9-]+))\.(?:myqcloud\.com|tencentcos\.cn)(?::\d+)?)$", RegexOptions.IgnoreCase)]
    private static partial Regex BucketHost();
}
