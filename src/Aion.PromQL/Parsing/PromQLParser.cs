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
        Expr? tree = ReadWhole(tokens, () => ReadExpression(tokens, options));
        if (tokens.Errors.Count == 0) tree = new TypeChecker(tokens.Text, tokens.Report).Check(tree!);
        return tokens.Errors.Count == 0 ? tree! : throw tokens.ToException();
    }

    /// <summary>Parses a series selector (<c>match[]</c>). Unlike in an expression, one that matches everything is let through.</summary>
    /// <returns>The matchers in the order written, the one of a name in front last.</returns>
    /// <exception cref="PromQLParseException">The text is no selector.</exception>
    public static IReadOnlyList<LabelMatcher> ParseMetricSelector(string text)
    {
        var tokens = new TokenStream(text, ParserOptions.Default.MaxDepth);
        VectorSelector? selector = ReadWhole(tokens, new ExpressionParser(tokens, ParserOptions.Default).ReadSelector);
        return tokens.Errors.Count == 0 ? selector!.Matchers : throw tokens.ToException();
    }

    private static Expr? ReadExpression(TokenStream tokens, ParserOptions options)
    {
        if (tokens.Next != TokenKind.EndOfInput) return new ExpressionParser(tokens, options).Read();
        tokens.Report(default, "no expression found in input");
        return null;
    }

    /// <summary>Reads one thing and the end of the text after it. All errors are in the token stream; with errors the result is of no use.</summary>
    private static T? ReadWhole<T>(TokenStream tokens, Func<T?> read)
        where T : Expr
    {
        T? result = null;
        try
        {
            try
            {
                result = read();
                SkipToEnd(tokens);
            }
            catch (SyntaxErrorSignal)
            {
                tokens.ReportUnexpected();
                SkipToEnd(tokens);
            }
        }
        catch (EndOfParseSignal)
        {
            // All that can be found is in the list of errors.
        }

        return result;
    }

    private static void SkipToEnd(TokenStream tokens)
    {
        while (tokens.Next is not (TokenKind.EndOfInput or TokenKind.None)) tokens.Reject();
    }
}
