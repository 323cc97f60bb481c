using Aion.Model;
using Aion.Protocol.Wire.TargetsApi;
using Google.Protobuf.WellKnownTypes;

namespace Aion.Query;

/// <summary>A target that is scraped, without the labels that tell replicas apart.</summary>
internal sealed record MergedTarget(ActiveTarget Target, Labels Discovered, Labels Labels);

/// <summary>Makes one list of the targets that replicas report. Pure.</summary>
internal static class TargetMerge
{
    public static (IReadOnlyList<MergedTarget> Active, IReadOnlyList<Labels> Dropped) Merge(
        IEnumerable<TargetDiscovery> found, IReadOnlyCollection<string> replicaLabels)
    {
        List<MergedTarget> active = [];
        var dropped = new SortedSet<Labels>();
        foreach (TargetDiscovery discovery in found)
        {
            foreach (ActiveTarget target in discovery.ActiveTargets)
                active.Add(new MergedTarget(target, WireLabels.Of(target.DiscoveredLabels, replicaLabels), WireLabels.Of(target.Labels, replicaLabels)));
            foreach (DroppedTarget target in discovery.DroppedTargets) dropped.Add(WireLabels.Of(target.DiscoveredLabels, replicaLabels));
        }

        active.Sort(static (a, b) => Compare(a, b) is var order and not 0 ? order : Survival(a.Target, b.Target));
        List<MergedTarget> kept = [];
        foreach (MergedTarget target in active)
            if (kept.Count == 0 || Compare(kept[^1], target) != 0) kept.Add(target);
        return (kept, [.. dropped]);
    }

    private static int Compare(MergedTarget a, MergedTarget b)
    {
        int order = Utf8Text.CompareByBytes(a.Target.ScrapeUrl, b.Target.ScrapeUrl);
        if (order == 0) order = Utf8Text.CompareByBytes(a.Target.ScrapePool, b.Target.ScrapePool);
        if (order == 0) order = a.Discovered.CompareTo(b.Discovered);
        return order == 0 ? a.Labels.CompareTo(b.Labels) : order;
    }

    /// <summary>The one that is down comes first, then the youngest scrape.</summary>
    private static int Survival(ActiveTarget a, ActiveTarget b)
    {
        int order = a.Health.CompareTo(b.Health);
        return order != 0 ? order : (b.LastScrape ?? new Timestamp()).CompareTo(a.LastScrape ?? new Timestamp());
    }
}
