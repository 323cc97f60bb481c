using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary>One look at the blocks of a bucket, as most tools take it.</summary>
internal static class BlockFetch
{
    private const string MetricPrefix = "thanos_bucket_";

    /// <summary>The blocks that the filters leave, and the partial ones.</summary>
    /// <param name="metricPrefix">In front of the names of the fetcher's metrics.</param>
    /// <exception cref="ComponentException">Some metas could not be had: whatever a tool did then would be for a part of the bucket only.</exception>
    /// <exception cref="BucketException">The bucket can't be listed.</exception>
    public static async Task<MetaFetchResult> RunAsync(
        IBucket bucket, IReadOnlyList<IBlockFilter> filters, ComponentContext context, CancellationToken cancellationToken,
        int concurrency = 32, string metricPrefix = MetricPrefix)
    {
        var options = new MetaSourceOptions { Concurrency = concurrency, MetricPrefix = metricPrefix };
        using var source = new MetaSource(bucket, options, context.Metrics.Factory, context.Logger);
        return await new MetaFetcher(source, filters, context.Metrics.Factory, context.Time, context.Logger).FetchWholeAsync(cancellationToken);
    }

    /// <summary>A fetch that is not content with a part of the bucket.</summary>
    /// <inheritdoc cref="RunAsync" path="/exception"/>
    public static async Task<MetaFetchResult> FetchWholeAsync(this MetaFetcher fetcher, CancellationToken cancellationToken)
    {
        MetaFetchResult result = await fetcher.FetchAsync(cancellationToken);
        return result.IsComplete ? result : throw new ComponentException(result.Incompleteness);
    }

    /// <summary>The values of an <c>--id</c> flag.</summary>
    /// <exception cref="ComponentException">One is no block's name.</exception>
    public static IReadOnlyList<BlockId> Ids(IReadOnlyList<string> texts) =>
        [.. texts.Select(text => BlockId.TryParse(text, out BlockId id) ? id : throw new ComponentException($"block.id is not a valid UUID, got: {text}"))];
}
