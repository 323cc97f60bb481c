using System.Text;
using Aion.Model;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>Which stores a request goes to (Q-2.1 … ).</summary>
internal static class StoreSelection
{
    private static readonly byte[] AddressLabel = "__address__"u8.ToArray();

    /// <param name="stores">All stores.</param>
    /// <param name="minTimeMs">Closed range of the request.</param>
    /// <param name="maxTimeMs">Closed range of the request.</param>
    /// <param name="matchers">Matchers of the request.</param>
    /// <param name="storeMatch">Groups of matchers on <c>__address__</c>, one of which must match; none = all stores.</param>
    public static List<StoreClient> Select(
        IReadOnlyList<StoreClient> stores, long minTimeMs, long maxTimeMs, IReadOnlyList<LabelMatcher> matchers,
        IReadOnlyList<IReadOnlyList<LabelMatcher>> storeMatch)
    {
        var selected = new List<StoreClient>(stores.Count);
        foreach (StoreClient client in stores)
        {
            StoreInfo info = client.Store.Info;
            if (minTimeMs > info.MaxTimeMs || maxTimeMs < info.MinTimeMs) continue;
            if (!MatchesAddress(client.Address, storeMatch)) continue;
            if (ExternalLabels.MayMatch(info.LabelSets, matchers)) selected.Add(client);
        }

        return selected;
    }

    private static bool MatchesAddress(string? address, IReadOnlyList<IReadOnlyList<LabelMatcher>> groups)
    {
        if (groups.Count == 0) return true;
        if (address is null) return false;
        byte[] utf8 = Encoding.UTF8.GetBytes(address);
        foreach (IReadOnlyList<LabelMatcher> group in groups)
        {
            var all = true;
            foreach (LabelMatcher matcher in group)
                if (matcher.NameUtf8.Span.SequenceEqual(AddressLabel) && !matcher.Matches(utf8)) all = false;
            if (all) return true;
        }

        return false;
    }
}
