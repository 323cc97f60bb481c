using Aion.Model;
using Aion.Protocol.Wire.MetadataApi;

namespace Aion.Query;

/// <summary>Makes one table of the metric metadata that servers report. Pure.</summary>
internal static class MetadataMerge
{
    /// <summary>By metric, each entry once.</summary>
    /// <param name="limit">At most this many metrics; negative: all.</param>
    public static IReadOnlyList<KeyValuePair<string, IReadOnlyList<Meta>>> Merge(IEnumerable<MetricMetadata> found, int limit)
    {
        var merged = new SortedDictionary<string, List<Meta>>(Comparer<string>.Create(Utf8Text.CompareByBytes));
        foreach (MetricMetadata metadata in found)
        {
            foreach ((string metric, MetricMetadataEntry entry) in metadata.Metadata)
            {
                if (!merged.TryGetValue(metric, out List<Meta>? metas)) merged.Add(metric, metas = []);
                foreach (Meta meta in entry.Metas)
                    if (!metas.Contains(meta)) metas.Add(meta);
            }
        }

        return [.. merged.Take(limit < 0 ? int.MaxValue : limit).Select(m => KeyValuePair.Create(m.Key, (IReadOnlyList<Meta>)m.Value))];
    }
}
