using Aion.Model;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>Asks stores for label names or values at once and merges: sorted by bytes, each once, limited.</summary>
internal static class LabelsFanOut
{
    /// <exception cref="StoreException">A store failed and partial answers are not wanted; the first failure in the order of the stores.</exception>
    public static async Task<LabelsAnswer> AskAsync(
        IReadOnlyList<StoreClient> stores, string what, Func<StoreClient, Task<LabelsAnswer>> ask, PartialResponse partial, long limit)
    {
        LabelsAnswer[] answers = await Task.WhenAll(stores.Select(store => AskOneAsync(store, what, ask, partial)));
        var unique = new HashSet<string>(StringComparer.Ordinal);
        var warnings = new List<string>();
        foreach (LabelsAnswer answer in answers)
        {
            unique.UnionWith(answer.Values);
            warnings.AddRange(answer.Warnings);
        }

        List<string> sorted = [.. unique];
        sorted.Sort(Utf8Text.CompareByBytes);
        if (limit > 0 && sorted.Count > limit) sorted.RemoveRange((int)limit, sorted.Count - (int)limit);
        return new LabelsAnswer(sorted, warnings);
    }

    private static async Task<LabelsAnswer> AskOneAsync(
        StoreClient store, string what, Func<StoreClient, Task<LabelsAnswer>> ask, PartialResponse partial)
    {
        try
        {
            return await ask(store);
        }
        catch (StoreException e)
        {
            string text = $"fetch label {what} from store {store}: {StoreErrors.Text(e)}";
            if (partial == PartialResponse.Abort) throw new StoreException(e.Kind, text, e);
            return new LabelsAnswer([], [text]);
        }
    }
}
