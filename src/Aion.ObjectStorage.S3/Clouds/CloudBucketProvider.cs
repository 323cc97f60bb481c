using System.Net;

namespace Aion.ObjectStorage.S3;

/// <summary>
/// A cloud that Thanos has a type of its own for, reached through the S3 API that it offers beside its own: Thanos's fields are read, and
/// become the settings of an S3 bucket.
/// </summary>
public abstract class CloudBucketProvider : IBucketProvider
{
    private const string AnyRegion = "us-east-1";

    public abstract string Type { get; }

    public IBucket Create(ConfigNode settings, BucketProviderContext context)
    {
        S3Config config = Read(settings, context);
        return new S3Bucket(S3BucketProvider.CreateClient(config, context), config);
    }

    /// <exception cref="BucketConfigException">The message names the field.</exception>
    internal abstract S3Config Read(ConfigNode settings, BucketProviderContext context);

    private protected string Required(ConfigNode settings, string field)
    {
        string value = settings.TextOrEmpty(field);
        return value.Length > 0 ? value : throw settings.Error(field, $"is required by type {Type}");
    }

    /// <summary>The field's address, whose scheme may be left out for https.</summary>
    private protected Uri RequiredAddress(ConfigNode settings, string field)
    {
        string text = Required(settings, field);
        string full = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        return Uri.TryCreate(full, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" && address is { Query: "", Fragment: "", UserInfo: "" }
            ? address
            : throw settings.Error(field, $"must be a host, or an http or https address, got \"{text}\"");
    }

    /// <summary>The same where a path has no meaning.</summary>
    private protected Uri RequiredHost(ConfigNode settings, string field)
    {
        Uri address = RequiredAddress(settings, field);
        return address.AbsolutePath == "/" ? address : throw settings.Error(field, $"must have no path, got \"{address.AbsolutePath}\"");
    }

    /// <param name="region">For the signature; empty = any, for servers that do not look.</param>
    private protected static S3Endpoint At(string scheme, string authority, string region, bool pathStyle) => new(
        new Uri($"{scheme}://{authority}"), region.Length > 0 ? region : AnyRegion, DualStack: false, pathStyle, Insecure: scheme == "http");

    /// <summary>No name can stand before a number: the bucket goes into the path there.</summary>
    private protected static bool HasNoNames(Uri address) => IPAddress.TryParse(address.Host.Trim('[', ']'), out _) || address.IsLoopback;
}
