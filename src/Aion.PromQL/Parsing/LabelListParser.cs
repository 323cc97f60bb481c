using Aion.Model;

using MatchType = Aion.Model.MatchType;

namespace Aion.PromQL;

/// <summary>Label lists in parentheses (<c>by (a, b)</c>) and matcher lists in braces.</summary>
internal sealed class LabelListParser(TokenStream tokens)
{
    private const string ListContext = "grouping opts";
    private const string MatcherContext = "label matching";

    /// <summary>A label list whose opening parenthesis is required.</summary>
    public IReadOnlyList<string> ReadLabels()
    {
        while (tokens.Next != TokenKind.LeftParen)
        {
            if (!tokens.TryRecoverHere()) continue;
            tokens.ReportUnexpected(ListContext, "\"(\"");
            return [];
        }

        tokens.Take();
        var labels = new List<string>();
        while (tokens.Next != TokenKind.RightParen)
        {
            if (!TryReadLabel(labels)) continue;
            if (!EndOrComma()) break;
        }

        tokens.Take();
        return labels;
    }

    /// <summary>A matcher list; the opening brace is the next token. Returns it with the range of the braces.</summary>
    public IReadOnlyList<LabelMatcher> ReadMatchers(out PositionRange braces)
    {
        int start = tokens.Take().Start;
        var matchers = new List<LabelMatcher>();
        while (tokens.Next != TokenKind.RightBrace)
        {
            ReadMatcher(matchers);
            while (tokens.Next is not (TokenKind.Comma or TokenKind.RightBrace))
                if (tokens.TryRecoverHere()) tokens.ReportUnexpected(MatcherContext, "\",\" or \"}\"");
            if (tokens.Next == TokenKind.RightBrace) break;
            tokens.Take();
        }

        braces = new PositionRange(start, tokens.Take().End);
        return matchers;
    }

    /// <summary>False if nothing was read and the next token has to be looked at anew.</summary>
    private bool TryReadLabel(List<string> labels)
    {
        TokenKind kind = tokens.Next;
        if (kind == TokenKind.String || kind.IsLabelName())
        {
            Token token = tokens.Take();
            string name = kind == TokenKind.String ? GoStrings.Unquote(tokens.TextOf(token)) : tokens.StringOf(token);
            if (name.Length == 0 || !GoStrings.IsValidUtf8(name))
                tokens.Report(token.Position, $"invalid label name for grouping: {GoStrings.Quote(name)}");
            labels.Add(name);
            return true;
        }

        if (!tokens.TryRecoverHere()) return false;
        tokens.ReportUnexpected(ListContext, "label");
        return true;
    }

    /// <summary>After a label: takes a comma and returns true, or returns false at the closing parenthesis.</summary>
    private bool EndOrComma()
    {
        while (true)
        {
            switch (tokens.Next)
            {
                case TokenKind.RightParen: return false;
                case TokenKind.Comma:
                    tokens.Take();
                    return true;
            }

            if (tokens.TryRecoverHere()) tokens.ReportUnexpected(ListContext, "\",\" or \")\"");
        }
    }

    private void ReadMatcher(List<LabelMatcher> matchers)
    {
        while (tokens.Next is not (TokenKind.Identifier or TokenKind.String))
        {
            if (tokens.Next == TokenKind.RightBrace) return;
            if (!tokens.TryRecoverHere()) continue;
            tokens.ReportUnexpected(MatcherContext, "identifier or \"}\"");
            return;
        }

        Token label = tokens.Take();
        bool quoted = label.Kind == TokenKind.String;
        string name = quoted ? GoStrings.Unquote(tokens.TextOf(label)) : tokens.StringOf(label);
        if (ReadMatchType(quoted) is not { } type)
        {
            if (quoted) matchers.Add(LabelMatcher.Equal(LabelNames.MetricName, name));
            return;
        }

        while (tokens.Next != TokenKind.String)
        {
            if (!tokens.TryRecoverHere()) continue;
            tokens.ReportUnexpected(MatcherContext, "string");
            return;
        }

        Token value = tokens.Take();
        try
        {
            matchers.Add(new LabelMatcher(type, name, GoStrings.Unquote(tokens.TextOf(value))));
        }
        catch (FormatException e)
        {
            tokens.Report(new PositionRange(label.Start, value.End), e.Message);
        }
    }

    /// <summary>Null where no operator follows: right after a quoted name, an error after a plain one.</summary>
    private MatchType? ReadMatchType(bool quoted)
    {
        while (true)
        {
            switch (tokens.Next)
            {
                case TokenKind.Assign: return Took(MatchType.Equal);
                case TokenKind.NotEqual: return Took(MatchType.NotEqual);
                case TokenKind.MatchRegex: return Took(MatchType.Regex);
                case TokenKind.MatchNotRegex: return Took(MatchType.NotRegex);
            }

            if (quoted) return null;
            if (!tokens.TryRecoverHere()) continue;
            tokens.ReportUnexpected(MatcherContext, "label matching operator");
            return null;
        }
    }

    private MatchType Took(MatchType type)
    {
        tokens.Take();
        return type;
    }
}
