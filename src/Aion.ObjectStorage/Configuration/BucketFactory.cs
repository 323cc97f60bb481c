using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aion.ObjectStorage;

/// <summary>
/// Makes the bucket that a component uses out of its configuration, with the decorators every component wants. Knows the kinds of bucket
/// that it was given; see docs/adr/0010-bucket-providers.md.
/// </summary>
public sealed class BucketFactory
{
    private readonly Dictionary<string, IBucketProvider> _providers = new(StringComparer.OrdinalIgnoreCase);

    public BucketFactory(params IReadOnlyList<IBucketProvider> providers)
    {
        foreach (IBucketProvider provider in providers) _providers.Add(provider.Type, provider);
    }

    /// <summary>Knows what needs no outside library: <c>FILESYSTEM</c>.</summary>
    public static BucketFactory Local { get; } = new(new FilesystemBucketProvider());

    /// <summary>The kinds of bucket that can be made, in the order given.</summary>
    public IEnumerable<string> Types => _providers.Keys;

    /// <param name="variable">Value of an environment variable, or null; some kinds of bucket take credentials from there.</param>
    /// <exception cref="BucketConfigException">The text is not valid, or names a kind of bucket that is not supported.</exception>
    public IBucket Create(string yaml, IMetricFactory metrics, TimeProvider time, ILogger logger, Func<string, string?> variable) =>
        Create(BucketConfig.Parse(yaml), new BucketMetrics(metrics), new BucketProviderContext(time, logger, variable));

    /// <inheritdoc cref="Create(string, IMetricFactory, TimeProvider, ILogger, Func{string, string})"/>
    public IBucket Create(BucketConfig config, BucketMetrics metrics, BucketProviderContext context)
    {
        IBucket bucket = new MeteredBucket(Open(config, context), metrics, context.Time);
        return config.Prefix.Length == 0 ? bucket : new PrefixedBucket(bucket, config.Prefix);
    }

    private IBucket Open(BucketConfig config, BucketProviderContext context)
    {
        if (!_providers.TryGetValue(config.Type, out IBucketProvider? provider)) throw Unsupported(config.Type);
        try
        {
            return provider.Create(config.Settings, context);
        }
        catch (BucketConfigException e)
        {
            throw new BucketConfigException($"create {provider.Type} client: {e.Message}", e);
        }
    }

    private BucketConfigException Unsupported(string type)
    {
        string upper = type.ToUpperInvariant();
        return BucketConfig.KnownTypes.Contains(upper)
            ? new BucketConfigException(
                $"bucket with type {upper} is not supported yet by Aion (field type); supported: {string.Join(", ", Types)}")
            : new BucketConfigException($"bucket with type {type} is not supported");
    }
}
