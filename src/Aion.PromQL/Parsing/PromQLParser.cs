using Aion.Model;

namespace Aion.PromQL;

/// <summary>Text to syntax tree. Stateless and thread-safe.</summary>
public static class PromQLParser
{
    /// <summary>Parses and checks an expression.</summary>
    /// <exception cref="PromQLParseException">The text is no valid expression, or nested deeper than <see cref="ParserOptions.MaxDepth"/>.</exception>
    public static Expr Parse(string text, ParserOptions? options = null)
    {
        options ??= ParserOptions.Default;
        var tokens = new TokenStream(text, options.MaxDepth);
        Expr? expr = new ExpressionParser(tokens, options).ReadAll();
        if (tokens.Errors.Count == 0) expr = new TypeChecker(tokens.Text, tokens.Report).Check(expr!);
        return tokens.Errors.Count == 0 ? expr! : throw tokens.ToException();
    }

    /// <summary>Parses a series selector (<c>match[]</c>). Unlike in an expression, one that matches everything is let through.</summary>
    /// <returns>The matchers in the order written, the one of a name in front last.</returns>
    /// <exception cref="PromQLParseException">The text is no selector.</exception>
    public static IReadOnlyList<LabelMatcher> ParseMetricSelector(string text)
    {
        var tokens = new TokenStream(text, ParserOptions.Default.MaxDepth);
        VectorSelector? selector = new ExpressionParser(tokens, ParserOptions.Default).ReadSelectorOnly();
        return tokens.Errors.Count == 0 ? selector!.Matchers : throw tokens.ToException();
    }
}
