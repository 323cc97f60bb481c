using Aion.Model;
using Aion.Storage;

namespace Aion.Query;

/// <summary>Confines selectors to one tenant: whatever they say of the tenant label is replaced by an equality.</summary>
internal static class TenantMatchers
{
    public static IReadOnlyList<LabelMatcher> Confine(IReadOnlyList<LabelMatcher> matchers, LabelMatcher tenant)
    {
        var confined = new List<LabelMatcher>(matchers.Count + 1);
        foreach (LabelMatcher matcher in matchers)
            if (matcher.Name != tenant.Name) confined.Add(matcher);
        confined.Add(tenant);
        return confined;
    }

    /// <summary>Every set confined; without a set, one that holds the tenant alone.</summary>
    public static IReadOnlyList<IReadOnlyList<LabelMatcher>> Confine(IReadOnlyList<IReadOnlyList<LabelMatcher>> sets, LabelMatcher tenant) =>
        sets.Count == 0 ? [[tenant]] : [.. sets.Select(set => Confine(set, tenant))];
}

/// <summary>A querier that sees the series of one tenant only, however a query is written.</summary>
internal sealed class TenantQuerier(IQuerier inner, LabelMatcher tenant) : IQuerier
{
    public IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(SelectHints hints, CancellationToken cancellationToken) =>
        inner.SelectAsync(hints with { Matchers = TenantMatchers.Confine(hints.Matchers, tenant) }, cancellationToken);
}
