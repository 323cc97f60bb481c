using System.Text.RegularExpressions;

namespace Aion.ObjectStorage.S3;

/// <summary>The <c>BOS</c> kind of bucket: Baidu's.</summary>
public sealed partial class BosBucketProvider : CloudBucketProvider
{
    public override string Type => "BOS";

    internal override S3Config Read(ConfigNode settings, BucketProviderContext context)
    {
        settings.RefuseUnknown("bucket", "endpoint", "access_key", "secret_key");
        return new S3Config
        {
            Bucket = Required(settings, "bucket"),
            Endpoint = EndpointOf(RequiredHost(settings, "endpoint")),
            AccessKey = Required(settings, "access_key"),
            SecretKey = Required(settings, "secret_key"),
        };
    }

    private static S3Endpoint EndpointOf(Uri address)
    {
        Match known = ServiceHost().Match(address.Authority);
        return known.Success
            ? At(address.Scheme, $"s3.{known.Groups["region"].Value}.bcebos.com", known.Groups["region"].Value, pathStyle: false)
            // Baidu's own client puts the bucket into the path.
            : At(address.Scheme, address.Authority, "", pathStyle: true);
    }

    [GeneratedRegex(@"^(?:s3\.)?(?<region>[a-z0-9-]+)\.bcebos\.com$", RegexOptions.IgnoreCase)]
    private static partial Regex ServiceHost();
}
