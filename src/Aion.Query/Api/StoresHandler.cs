using System.Globalization;
using Aion.Hosting;

namespace Aion.Query;

/// <summary>Answers <c>stores</c>.</summary>
/// <remarks>Source: reference/http-api.md H-4.3.</remarks>
internal sealed class StoresHandler(IQuerySource source)
{
    public ApiResult Stores()
    {
        // Both orders are those of bytes, as everything sorted here.
        var groups = new SortedDictionary<string, List<StoreStatus>>(StringComparer.Ordinal);
        foreach (StoreStatus store in source.Stores())
        {
            if (!groups.TryGetValue(store.Component, out List<StoreStatus>? group)) groups[store.Component] = group = [];
            group.Add(store);
        }

        foreach (List<StoreStatus> group in groups.Values) group.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return ApiAnswer.Of(json =>
        {
            json.Raw((byte)'{');
            foreach ((string component, List<StoreStatus> group) in groups)
            {
                json.Quoted(component);
                json.Raw(":["u8);
                foreach (StoreStatus store in group) Write(json, store);
                json.DropLast();
                json.Raw("],"u8);
            }

            if (groups.Count > 0) json.DropLast();
            json.Raw((byte)'}');
        });
    }

    private static void Write(JsonBuffer json, StoreStatus store)
    {
        json.Raw("{\"name\":"u8);
        json.Quoted(store.Name);
        json.Raw(",\"lastCheck\":"u8);
        json.Quoted(Rfc3339(store.LastCheck));
        json.Raw(",\"lastError\":"u8);
        if (store.LastError is null) json.Raw("null"u8);
        else json.Quoted(store.LastError);
        json.Raw(",\"labelSets\":["u8);
        for (var i = 0; i < store.LabelSets.Count; i++)
        {
            if (i > 0) json.Raw((byte)',');
            LabelsJson.Write(json, store.LabelSets[i]);
        }

        json.Raw("],\"minTime\":"u8);
        json.Number(store.MinTimeMs);
        json.Raw(",\"maxTime\":"u8);
        json.Number(store.MaxTimeMs);
        json.Raw("},"u8);
    }

    /// <summary>UTC with the fraction trimmed, as Go prints a time in JSON.</summary>
    private static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
