using System.Text.RegularExpressions;

namespace Aion.ObjectStorage.S3;

/// <summary>The <c>ALIYUNOSS</c> kind of bucket: Alibaba's.</summary>
public sealed partial class AliyunOssBucketProvider : CloudBucketProvider
{
    public override string Type => "ALIYUNOSS";

    internal override S3Config Read(ConfigNode settings, BucketProviderContext context)
    {
        settings.RefuseUnknown("endpoint", "bucket", "access_key_id", "access_key_secret");
        return new S3Config
        {
            Bucket = Required(settings, "bucket"),
            Endpoint = EndpointOf(RequiredHost(settings, "endpoint")),
            AccessKey = Required(settings, "access_key_id"),
            SecretKey = Required(settings, "access_key_secret"),
        };
    }

    private static S3Endpoint EndpointOf(Uri address)
    {
        Match known = ServiceHost().Match(address.Authority);
        return known.Success
            ? At(address.Scheme, "s3." + known.Groups["service"].Value, known.Groups["region"].Value, pathStyle: false)
            : At(address.Scheme, address.Authority, "", pathStyle: HasNoNames(address));
    }

    // The S3 API answers under the same name with s3 in front. An accelerated address names no region.
    [GeneratedRegex(@"^(?:s3\.)?(?<service>oss-(?:accelerate(?:-overseas)?|(?<region>[a-z0-9-]+?)(?:-internal)?)\.(?:aliyuncs\.com|aliyuncs-internal\.com))$", RegexOptions.IgnoreCase)]
    private static partial Regex ServiceHost();
}
