using Aion.Model;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>What a proxy says of itself: the union of what its stores say.</summary>
internal static class ProxyInfo
{
    public static StoreInfo Of(string component, IReadOnlyList<StoreClient> stores)
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
            labelSets.UnionWith(info.LabelSets);
            tsdbs.AddRange(info.TsdbInfos);
        }

        return new StoreInfo
        {
            Component = component,
            LabelSets = [.. labelSets.Order()],
            MinTimeMs = minTime,
            MaxTimeMs = maxTime,
            TsdbInfos = tsdbs,
        };
    }
}
