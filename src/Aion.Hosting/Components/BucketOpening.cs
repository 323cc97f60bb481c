using Aion.ObjectStorage;

namespace Aion.Hosting;

/// <summary>Opens the bucket that a component's flags describe.</summary>
public static class BucketOpening
{
    /// <summary>Reads the configuration and makes the bucket; nothing is asked of it yet.</summary>
    /// <exception cref="ComponentException">The configuration is missing, unreadable or wrong.</exception>
    public static async Task<IBucket> OpenBucketAsync(
        this ComponentContext context, PathOrContent configuration, ParsedFlags flags, CancellationToken cancellationToken)
    {
        string yaml = await configuration.ReadAsync(flags, context.Environment, cancellationToken);
        context.Logger.Info("loading bucket configuration");
        try
        {
            return context.Environment.Buckets.Create(yaml, context.Metrics.Factory, context.Time, context.Logger, context.Environment.Variable);
        }
        catch (BucketConfigException e)
        {
            throw new ComponentException(e.Message, e);
        }
    }
}
