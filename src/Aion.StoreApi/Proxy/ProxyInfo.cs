using Aion.Model;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>What a proxy says of itself: the union of what its stores say, each label set with the proxy's own labels on top.</summary>
internal static class ProxyInfo
{
    public static StoreInfo Of(string component, IReadOnlyList<StoreClient> stores, Labels selectorLabels)
    {
        if (stores.Count == 0) return new StoreInfo { Component = component };
        long minTime = long.MaxValue, maxTime = long.MinValue;
        var labelSets = new HashSet<Labels>();
        var tsdbs = new List<TsdbInfo>();
        foreach (StoreClient client in stores)
        {
            StoreInfo info = client.Store.Info;
            minTime = Math.Min(minTime, info.MinTimeMs);
            maxTime = Math.Max(maxTime, info.MaxTimeMs);
            foreach (Labels labels in info.LabelSets) labelSets.Add(Extend(labels, selectorLabels));
            tsdbs.AddRange(info.TsdbInfos);
        }

        // Who selects by these labels must find the proxy, even while its stores announce none.
        if (labelSets.Count == 0 && !selectorLabels.IsEmpty) labelSets.Add(selectorLabels);
        return new StoreInfo
        {
            Component = component,
            LabelSets = [.. labelSets.Order()],
            MinTimeMs = minTime,
            MaxTimeMs = maxTime,
            TsdbInfos = tsdbs,
        };
    }

    private static Labels Extend(Labels labels, Labels more)
    {
        if (more.IsEmpty) return labels;
        var builder = new LabelsBuilder(labels);
        foreach (LabelPair pair in more) builder.Set(pair.Name, pair.Value);
        return builder.ToLabels();
    }
}
