using Aion.Model;
using Aion.Protocol.Wire.StatusApi;

namespace Aion.Query;

/// <summary>Adds up the TSDB statistics of tenants and servers. Pure.</summary>
internal static class StatisticsMerge
{
    private delegate IEnumerable<Statistic> Part(TSDBStatisticsEntry entry);

    /// <param name="limit">Longest list.</param>
    public static TSDBStatisticsEntry Merge(IEnumerable<TSDBStatistics> found, int limit)
    {
        TSDBStatisticsEntry[] entries = [.. found.SelectMany(s => s.Statistics.Values)];
        HeadStatistics[] heads = [.. entries.Select(e => e.HeadStatistics).OfType<HeadStatistics>()];
        var merged = new TSDBStatisticsEntry { HeadStatistics = new HeadStatistics() };
        foreach (HeadStatistics head in heads)
        {
            merged.HeadStatistics.NumSeries += head.NumSeries;
            merged.HeadStatistics.NumLabelPairs += head.NumLabelPairs;
            merged.HeadStatistics.ChunkCount += head.ChunkCount;
        }

        if (heads.Length > 0)
        {
            merged.HeadStatistics.MinTime = heads.Min(h => h.MinTime);
            merged.HeadStatistics.MaxTime = heads.Max(h => h.MaxTime);
        }

        merged.SeriesCountByMetricName.Add(Combined(entries, e => e.SeriesCountByMetricName, limit, static (a, b) => a + b));
        // Servers mostly have the same values of a label.
        merged.LabelValueCountByLabelName.Add(Combined(entries, e => e.LabelValueCountByLabelName, limit, Math.Max));
        merged.MemoryInBytesByLabelName.Add(Combined(entries, e => e.MemoryInBytesByLabelName, limit, static (a, b) => a + b));
        merged.SeriesCountByLabelValuePair.Add(Combined(entries, e => e.SeriesCountByLabelValuePair, limit, static (a, b) => a + b));
        return merged;
    }

    private static IEnumerable<Statistic> Combined(TSDBStatisticsEntry[] entries, Part part, int limit, Func<ulong, ulong, ulong> combine)
    {
        var byName = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (Statistic statistic in entries.SelectMany(e => part(e)))
            byName[statistic.Name] = byName.TryGetValue(statistic.Name, out ulong there) ? combine(there, statistic.Value) : statistic.Value;
        return byName.OrderByDescending(s => s.Value).ThenBy(s => s.Key, Comparer<string>.Create(Utf8Text.CompareByBytes)).Take(limit)
            .Select(s => new Statistic { Name = s.Key, Value = s.Value });
    }
}
