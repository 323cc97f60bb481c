using System.Text.RegularExpressions;

namespace Aion.ObjectStorage.S3;

/// <summary>The <c>OBS</c> kind of bucket: Huawei's.</summary>
public sealed partial class ObsBucketProvider : CloudBucketProvider
{
    public override string Type => "OBS";

    internal override S3Config Read(ConfigNode settings, BucketProviderContext context)
    {
        settings.RefuseUnknown("bucket", "endpoint", "access_key", "secret_key", "max_retries", "http_config");
        Uri address = RequiredHost(settings, "endpoint");
        var retries = (int)settings.Number("max_retries", 0, 0, 1000);
        return new S3Config
        {
            Bucket = Required(settings, "bucket"),
            Endpoint = At(address.Scheme, address.Authority, ServiceHost().Match(address.Host).Groups["region"].Value, pathStyle: HasNoNames(address)),
            AccessKey = Required(settings, "access_key"),
            SecretKey = Required(settings, "secret_key"),
            Http = BucketHttpConfig.Read(settings, context),
            MaxTries = retries > 0 ? retries + 1 : 0,
        };
    }

    [GeneratedRegex(@"^obs\.(?<region>[a-z0-9-]+)\.myhuaweicloud\.(?:com|eu)$", RegexOptions.IgnoreCase)]
    private static partial Regex ServiceHost();
}
