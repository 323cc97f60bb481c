using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aion.ObjectStorage;

/// <summary>Makes the bucket that a component uses out of its configuration, with the decorators every component wants.</summary>
public static class BucketFactory
{
    /// <exception cref="BucketConfigException">The text is not valid, or names a kind of bucket that is not supported.</exception>
    public static IBucket Create(string yaml, IMetricFactory metrics, TimeProvider time, ILogger logger)
    {
        BucketConfig config = BucketConfig.Parse(yaml);
        foreach (string warning in config.Warnings) logger.LogWarning("object store configuration: {Warning}; it has no effect", warning);
        return Create(config, new BucketMetrics(metrics), time);
    }

    public static IBucket Create(BucketConfig config, BucketMetrics metrics, TimeProvider time)
    {
        IBucket bucket = new MeteredBucket(new FilesystemBucket(config.Filesystem.Directory, time), metrics, time);
        return config.Prefix.Length == 0 ? bucket : new PrefixedBucket(bucket, config.Prefix);
    }
}
