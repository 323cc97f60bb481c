using Aion.Model;
using Aion.PromQL;
using ValueType = Aion.PromQL.ValueType;

namespace Aion.Query;

/// <summary>Refuses a query that cannot be evaluated before it waits for its turn.</summary>
internal static class QuerySyntax
{
    /// <exception cref="BadParameterException">The text does not parse, or its type does not fit a range query.</exception>
    public static void Check(QueryParameters parameters, QueryApiOptions options)
    {
        Expr expression = Parse(parameters.Query, options);
        if (parameters.IsRange && expression.Type is not (ValueType.Vector or ValueType.Scalar))
            throw new BadParameterException($"invalid expression type \"{NameOf(expression.Type)}\" for range query, must be Scalar or instant Vector");
    }

    /// <exception cref="BadParameterException">The text does not parse.</exception>
    public static Expr Parse(string query, QueryApiOptions options)
    {
        try
        {
            return PromQLParser.Parse(query, options.Parser);
        }
        catch (PromQLParseException e)
        {
            // The words, spelling included, are those of the field; clients match them.
            string prefix = options.Tenancy.Enforce ? "error parsing query string, when enforcing tenenacy: " : "";
            throw new BadParameterException(prefix + e.Message);
        }
    }

    /// <summary>The matchers of a series selector, as <c>match[]</c> and <c>storeMatch[]</c> hold it.</summary>
    /// <exception cref="BadParameterException">The text is no selector.</exception>
    public static IReadOnlyList<LabelMatcher> Selector(string text)
    {
        try
        {
            return PromQLParser.ParseMetricSelector(text);
        }
        catch (PromQLParseException e)
        {
            throw new BadParameterException(e.Message);
        }
    }

    private static string NameOf(ValueType type) => type switch
    {
        ValueType.Matrix => "range vector",
        ValueType.String => "string",
        ValueType.Scalar => "scalar",
        _ => "instant vector",
    };
}
