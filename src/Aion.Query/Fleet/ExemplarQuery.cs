using Aion.Model;
using Aion.PromQL;
using Aion.Storage;

namespace Aion.Query;

/// <summary>Exemplars belong to series, so that of a query its selectors are asked for, each as the endpoint stores its series.</summary>
internal static class ExemplarQuery
{
    private const string AllSeries = "{__name__!=\"\"}";

    /// <exception cref="StoreException">The query does not parse.</exception>
    public static IReadOnlyList<IReadOnlyList<LabelMatcher>> Selectors(string query, ParserOptions parser)
    {
        try
        {
            return Selectors(PromQLParser.Parse(query, parser));
        }
        catch (PromQLParseException e)
        {
            throw new StoreException(StoreErrorKind.Unknown, e.Message, e);
        }
    }

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
    /// What to ask an endpoint: matchers on its external labels are decided here and left out, since its series do not store them; a selector of
    /// nothing else asks for all its series. Empty when it has nothing. A querier gets them all.
    /// </summary>
    public static string For(IReadOnlyList<Labels> labelSets, bool isQuerier, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors)
    {
        List<string> texts = [];
        foreach (IReadOnlyList<LabelMatcher> matchers in selectors)
        {
            if (!ExternalLabels.MayMatch(labelSets, matchers)) continue;
            LabelMatcher[] left = isQuerier ? [.. matchers] : [.. matchers.Where(m => !labelSets.Any(set => set.Has(m.NameUtf8.Span)))];
            texts.Add(left.Length > 0 ? $"{{{string.Join(", ", left.AsEnumerable())}}}" : AllSeries);
        }

        return string.Join(" + ", texts.Distinct());
    }
}
