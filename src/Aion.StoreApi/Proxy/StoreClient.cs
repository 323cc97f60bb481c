using System.Globalization;
using Aion.Model;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>A store as the proxy sees it.</summary>
/// <param name="Store">Where to ask.</param>
/// <param name="Address">The endpoint's address; null for a store of this process, which no storeMatch reaches.</param>
public sealed record StoreClient(IStore Store, string? Address)
{
    /// <summary>What warnings call the store.</summary>
    public override string ToString()
    {
        StoreInfo info = Store.Info;
        string range = string.Create(CultureInfo.InvariantCulture, $"MinTime: {info.MinTimeMs} MaxTime: {info.MaxTimeMs}");
        return Address is null ? range : $"Addr: {Address} {range}";
    }

    /// <summary>The announced label sets as text, or a stand-in when there are none.</summary>
    internal string DescribeLabelSets()
    {
        IReadOnlyList<Labels> sets = Store.Info.LabelSets;
        return sets.Count == 0 ? "Store Gateway" : string.Join(",", sets);
    }
}
