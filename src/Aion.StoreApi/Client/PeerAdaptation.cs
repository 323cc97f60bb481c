using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>Does for a peer what it can't do itself.</summary>
internal static class PeerAdaptation
{
    /// <summary>
    /// Drops labels and sorts as if they had never been. The whole answer is held for that, charged to the budget; warnings come first.
    /// </summary>
    public static async IAsyncEnumerable<SeriesFrame> StripAndSortAsync(
        IAsyncEnumerable<SeriesFrame> frames, IReadOnlyList<string> labelNames, MemoryBudget? budget,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var builder = new LabelsBuilder();
        var all = new List<ChunkSeries>();
        var warnings = new List<string>();
        long charged = 0;
        try
        {
            await foreach (SeriesFrame frame in frames.WithCancellation(cancellationToken))
            {
                warnings.AddRange(frame.Warnings);
                long bytes = SeriesSizes.Of(frame);
                budget?.Charge(bytes, "series of a peer that can't drop replica labels");
                charged += bytes;
                foreach (ChunkSeries series in frame.Series) all.Add(series with { Labels = Without(series.Labels, labelNames, builder) });
            }

            // Stable, so that the parts of one series stay in order.
            ChunkSeries[] sorted = [.. all.OrderBy(s => s.Labels)];
            yield return new SeriesFrame(sorted, warnings);
        }
        finally
        {
            budget?.Release(charged);
        }
    }

    /// <summary>Keeps the series of one shard.</summary>
    public static async IAsyncEnumerable<SeriesFrame> FilterShardAsync(
        IAsyncEnumerable<SeriesFrame> frames, ShardInfo shard, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var matcher = new ShardMatcher(shard);
        await foreach (SeriesFrame frame in frames.WithCancellation(cancellationToken))
            yield return frame with { Series = [.. frame.Series.Where(s => matcher.Matches(s.Labels))] };
    }

    private static Labels Without(Labels labels, IReadOnlyList<string> names, LabelsBuilder builder)
    {
        builder.Reset(labels);
        foreach (string name in names) builder.Remove(name);
        return builder.Count == labels.Count ? labels : builder.ToLabels();
    }
}
