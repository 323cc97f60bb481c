namespace Aion.Compactor;

/// <summary>The values of <c>--deduplication.replica-label</c>, which may be repeated and may hold several names with commas between.</summary>
public static class ReplicaLabelList
{
    public static IReadOnlyList<string> Split(IReadOnlyList<string> given) =>
        [.. given.SelectMany(l => l.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct()];
}
