using Aion.Model;
using Aion.PromQL;
using Aion.Storage;
using Aion.StoreApi;

namespace Aion.Query;

/// <summary>Exemplars belong to series, so that of a query its selectors are asked for, each as the endpoint stores its series.</summary>
internal static class ExemplarQuery
{
    /// <summary>The selectors of an expression, in the order written.</summary>
    public static IReadOnlyList<IReadOnlyList<LabelMatcher>> Selectors(Expr expression)
    {
        List<IReadOnlyList<LabelMatcher>> found = [];
        Visit(expression);
        return found;

        void Visit(Expr expr)
        {
            if (expr is VectorSelector { IsMatcherList: false } selector) found.Add(selector.Matchers);
            else
                foreach (Expr child in expr.Children) Visit(child);
        }
    }

    /// <summary>
    /// What to ask an endpoint: matchers on its external labels are decided here and left out, since its series do not store them. Empty when it has
    /// nothing. A querier gets them all.
    /// </summary>
    public static string For(ApiPeer peer, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors)
    {
        List<string> texts = [];
        foreach (IReadOnlyList<LabelMatcher> matchers in selectors)
        {
            if (!ExternalLabels.MayMatch(peer.LabelSets, matchers)) continue;
            LabelMatcher[] left = peer.IsQuerier ? [.. matchers] : [.. matchers.Where(m => !peer.LabelSets.Any(set => set.Has(m.NameUtf8.Span)))];
            if (left.Length > 0) texts.Add($"{{{string.Join(", ", left.AsEnumerable())}}}");
        }

        return string.Join(" + ", texts.Distinct());
    }
}
