namespace Aion.ObjectStorage.S3;

/// <summary>
/// The <c>OCI</c> kind of bucket: Oracle's. Its fields hold what Oracle's own API signs with; the S3 API beside it wants a customer secret key,
/// for which they have no place. So every such configuration is refused, with what to write in its stead.
/// </summary>
public sealed class OciBucketProvider : IBucketProvider
{
    private static readonly string[] Providers = ["default", "instance-principal", "raw", "oke-workload-identity"];

    public string Type => "OCI";

    public IBucket Create(ConfigNode settings, BucketProviderContext context)
    {
        settings.RefuseUnknown(
            "provider", "bucket", "compartment_ocid", "tenancy_ocid", "user_ocid", "region", "fingerprint", "privatekey", "passphrase", "part_size",
            "max_request_retries", "request_retry_interval", "http_config");
        string provider = settings.TextOrEmpty("provider");
        if (!Providers.Contains(provider, StringComparer.OrdinalIgnoreCase)) throw settings.Error("provider", $"unsupported OCI provider: {provider}");
        string region = settings.TextOrEmpty("region") is { Length: > 0 } given ? given : "<region>";
        string bucket = settings.TextOrEmpty("bucket") is { Length: > 0 } named ? named : "<bucket>";
        throw settings.Error(
            "provider",
            $"Aion does not sign requests as {provider}: it speaks to Oracle's cloud through the S3 API there. Create a customer secret key for the user and use "
            + $"type: S3 with bucket: {bucket}, endpoint: <namespace>.compat.objectstorage.{region}.oraclecloud.com, region: {region}, bucket_lookup_type: path, "
            + "and the key's two parts as access_key and secret_key");
    }
}
