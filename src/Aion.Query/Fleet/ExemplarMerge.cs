using Aion.Model;
using Aion.Protocol.Wire.ExemplarsApi;

namespace Aion.Query;

/// <summary>An exemplar; the time is in milliseconds.</summary>
internal readonly record struct MergedExemplar(long TimeMs, double Value, Labels Labels);

/// <summary>Makes one list of the exemplars that replicas report. Pure.</summary>
internal static class ExemplarMerge
{
    /// <summary>By series, without the labels that tell replicas apart; each exemplar once, in order of time.</summary>
    public static IReadOnlyList<KeyValuePair<Labels, IReadOnlyList<MergedExemplar>>> Merge(
        IEnumerable<ExemplarData> found, IReadOnlyCollection<string> replicaLabels)
    {
        var merged = new SortedDictionary<Labels, HashSet<MergedExemplar>>();
        foreach (ExemplarData data in found)
        {
            Labels series = WireLabels.Of(data.SeriesLabels, replicaLabels);
            if (!merged.TryGetValue(series, out HashSet<MergedExemplar>? exemplars)) merged.Add(series, exemplars = []);
            foreach (Exemplar exemplar in data.Exemplars) exemplars.Add(new MergedExemplar(exemplar.Ts, exemplar.Value, WireLabels.Of(exemplar.Labels, [])));
        }

        return [.. merged.Select(m => KeyValuePair.Create(
            m.Key, (IReadOnlyList<MergedExemplar>)[.. m.Value.OrderBy(e => e.TimeMs).ThenBy(e => e.Value).ThenBy(e => e.Labels)]))];
    }
}
