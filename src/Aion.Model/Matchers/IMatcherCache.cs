namespace Aion.Model;

/// <summary>Gives matchers, made now or kept from an earlier request, so that an expression is compiled once. Thread-safe.</summary>
public interface IMatcherCache
{
    /// <exception cref="FormatException">The value of a regular-expression matcher is no valid RE2 expression.</exception>
    LabelMatcher Get(MatchType type, string name, string value);
}
