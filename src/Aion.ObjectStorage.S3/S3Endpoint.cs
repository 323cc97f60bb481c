using System.Text.RegularExpressions;

namespace Aion.ObjectStorage.S3;

/// <summary>Where requests go and how they are signed, decided from the settings alone.</summary>
/// <param name="ServiceUrl">The address to use as it is; null for Amazon's own endpoints, which follow from the region.</param>
/// <param name="Region">For the signature, and for Amazon's endpoints.</param>
/// <param name="PathStyle">The bucket's name goes into the path, not into the host name.</param>
/// <param name="Insecure">Plain HTTP.</param>
internal sealed partial record S3Endpoint(Uri? ServiceUrl, string Region, bool DualStack, bool PathStyle, bool Insecure)
{
    private const string DefaultRegion = "us-east-1";

    /// <summary>Whether this is Amazon's service, which decides conditional writes in one step.</summary>
    public bool IsAmazon { get; init; }

    /// <param name="host">Host, or host and port.</param>
    /// <param name="region">Empty = from the host name, or else us-east-1.</param>
    public static S3Endpoint Of(string host, string region, bool insecure, bool disableDualStack, BucketLookup lookup, string bucket)
    {
        Match regional = AmazonRegional().Match(host);
        Match anyAmazon = regional.Success ? regional : AmazonOther().Match(host);
        if (region.Length == 0) region = anyAmazon.Groups["region"] is { Length: > 0 } found ? found.Value : DefaultRegion;
        bool pathStyle = lookup switch
        {
            BucketLookup.Path => true,
            BucketLookup.VirtualHosted => false,
            // A bucket name with dots is no host name below a wildcard certificate.
            _ => (!insecure && bucket.Contains('.', StringComparison.Ordinal)) || !(anyAmazon.Success || OtherVirtualHosts().IsMatch(host)),
        };
        Uri? url = regional.Success ? null : new Uri($"{(insecure ? "http" : "https")}://{host}");
        return new S3Endpoint(url, region, regional.Success && !disableDualStack, pathStyle, insecure) { IsAmazon = anyAmazon.Success };
    }

    public static bool IsHost(string endpoint) =>
        !endpoint.Contains('/', StringComparison.Ordinal) && !endpoint.Contains('@', StringComparison.Ordinal)
        && Uri.TryCreate("https://" + endpoint, UriKind.Absolute, out Uri? url) && url.PathAndQuery == "/" && url.Fragment.Length == 0;

    // The plain regional and global endpoints; with or without the dualstack form, which our own setting decides.
    [GeneratedRegex(@"^s3[.-](?:dualstack\.)?(?:(?<region>[a-z]{2}(?:-[a-z]+)+-\d+)\.)?amazonaws\.com(?:\.cn)?$", RegexOptions.IgnoreCase)]
    private static partial Regex AmazonRegional();

    // FIPS, accelerated, private link and the like: addressed as written.
    [GeneratedRegex(@"(?:^|\.)s3(?:-[a-z]+)*\.(?:.*?\.)??(?<region>[a-z]{2}(?:-[a-z]+)+-\d+)?(?:\.vpce)?\.?amazonaws\.com(?:\.cn)?$", RegexOptions.IgnoreCase)]
    private static partial Regex AmazonOther();

    [GeneratedRegex(@"(?:^|\.)(?:storage\.googleapis\.com|aliyuncs\.com)$", RegexOptions.IgnoreCase)]
    private static partial Regex OtherVirtualHosts();
}
