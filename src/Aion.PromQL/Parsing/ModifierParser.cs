using System.Globalization;

using Aion.Model;

namespace Aion.PromQL;

/// <summary>What follows a selector: ranges and subqueries, offset, <c>@</c>, anchored and smoothed.</summary>
internal sealed class ModifierParser(TokenStream tokens, ParserOptions options, DurationParser durations)
{
    private const string RangeOnly = "ranges only allowed for vector selectors";
    private const string DurationStart = "number, duration, step(), or range()";

    public Expr ReadOffset(Expr target)
    {
        int depth = tokens.Depth;
        tokens.Take();
        Expr offset;
        try
        {
            offset = durations.ReadOffset();
        }
        catch (SyntaxErrorSignal)
        {
            tokens.Depth = depth;
            tokens.ReportUnexpected("offset", DurationStart);
            return target;
        }

        long milliseconds = offset is NumberLiteral literal ? NumberReader.ToMilliseconds(literal.Value) : 0;
        return WithOffset(target, milliseconds, offset as DurationExpr);
    }

    public Expr ReadAt(Expr target)
    {
        tokens.Take();
        try
        {
            while (true)
            {
                switch (tokens.Next)
                {
                    case TokenKind.Number or TokenKind.Duration: return WithTime(target, durations.ReadLiteral().Value);
                    case TokenKind.Add or TokenKind.Subtract:
                        bool negative = tokens.Take().Kind == TokenKind.Subtract;
                        while (!tokens.Next.IsNumber()) tokens.Reject();
                        double value = durations.ReadLiteral().Value;
                        return WithTime(target, negative ? -value : value);
                    case TokenKind.Start or TokenKind.End:
                        TokenKind kind = tokens.Take().Kind;
                        tokens.Take(TokenKind.LeftParen);
                        tokens.Take(TokenKind.RightParen);
                        return WithAt(target, null, kind == TokenKind.Start ? AtPreprocessor.Start : AtPreprocessor.End);
                    default:
                        tokens.Reject();
                        break;
                }
            }
        }
        catch (SyntaxErrorSignal)
        {
            tokens.ReportUnexpected("@", "timestamp");
            return target;
        }
    }

    /// <summary>A range selector or a subquery; the opening bracket is the next token.</summary>
    public Expr ReadRange(Expr target)
    {
        int depth = tokens.Depth;
        Token bracket = tokens.Take();
        var (context, expected) = ("subquery or range selector", DurationStart);
        try
        {
            Expr range = durations.ReadPositive();
            (context, expected) = ("subquery or range", "\":\" or \"]\"");
            while (tokens.Next is not (TokenKind.Colon or TokenKind.RightBracket)) tokens.Reject();
            if (tokens.Next == TokenKind.RightBracket) return Matrix(target, range, new PositionRange(bracket.Start, tokens.Take().End));
            tokens.Take();
            Expr? step = null;
            (context, expected) = ("subquery selector", "number, duration, step(), range(), or \"]\"");
            if (tokens.Next != TokenKind.RightBracket)
            {
                step = durations.ReadPositive();
                (context, expected) = ("subquery selector", "\"]\"");
            }

            return Subquery(target, range, step, tokens.Take(TokenKind.RightBracket).End);
        }
        catch (SyntaxErrorSignal)
        {
            tokens.Depth = depth;
            tokens.ReportUnexpected(context, expected);
            return target;
        }
    }

    public Expr Anchor(Expr target) => Extend(target, "anchored", s => s with { Anchored = true });

    public Expr Smooth(Expr target) => Extend(target, "smoothed", s => s with { Smoothed = true });

    private static long Milliseconds(Expr duration) => duration is NumberLiteral literal ? NumberReader.ToMilliseconds(literal.Value) : 0;

    private static SubqueryExpr Subquery(Expr target, Expr range, Expr? step, int end) => new(target)
    {
        RangeMs = Milliseconds(range),
        RangeExpression = range as DurationExpr,
        StepMs = step is null ? 0 : Milliseconds(step),
        StepExpression = step as DurationExpr,
        Position = new PositionRange(target.Position.Start, end),
    };

    private Expr Matrix(Expr target, Expr range, PositionRange brackets)
    {
        var position = new PositionRange(target.Position.Start, brackets.End);
        var selector = target as VectorSelector;
        if (selector is null) tokens.Report(brackets, RangeOnly);
        else if (selector.OffsetMs != 0 || selector.OffsetExpression is not null) tokens.Report(brackets, "no offset modifiers allowed before range");
        else if (selector.AtMs is not null || selector.AtStartOrEnd != AtPreprocessor.None) tokens.Report(brackets, "no @ modifiers allowed before range");
        if (selector is null) return new PlaceholderExpr { IsRange = true, Position = position };
        return new MatrixSelector(selector) { RangeMs = Milliseconds(range), RangeExpression = range as DurationExpr, Position = position };
    }

    private Expr WithOffset(Expr target, long milliseconds, DurationExpr? expression)
    {
        PositionRange position = target.Position with { End = tokens.LastClosing };
        if (OffsetOf(target) is not var (before, expressionBefore))
        {
            tokens.Report(target.Position, target is PlaceholderExpr { IsRange: true }
                ? RangeOnly
                : "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery");
            return target;
        }

        if (before != 0 || expressionBefore is not null)
        {
            tokens.Report(target.Position, "offset may not be set multiple times");
            return target with { Position = position };
        }

        return target switch
        {
            MatrixSelector m => m with
            {
                Selector = m.Selector with { OffsetMs = milliseconds, OffsetExpression = expression },
                Position = position,
            },
            SubqueryExpr s => s with { OffsetMs = milliseconds, OffsetExpression = expression, Position = position },
            _ => (VectorSelector)target with { OffsetMs = milliseconds, OffsetExpression = expression, Position = position },
        };
    }

    private static (long Ms, DurationExpr? Expression)? OffsetOf(Expr target) => target switch
    {
        VectorSelector v => (v.OffsetMs, v.OffsetExpression),
        MatrixSelector m => (m.Selector.OffsetMs, m.Selector.OffsetExpression),
        SubqueryExpr s => (s.OffsetMs, s.OffsetExpression),
        _ => null,
    };

    private static (long? Ms, AtPreprocessor StartOrEnd)? AtOf(Expr target) => target switch
    {
        VectorSelector v => (v.AtMs, v.AtStartOrEnd),
        MatrixSelector m => (m.Selector.AtMs, m.Selector.AtStartOrEnd),
        SubqueryExpr s => (s.AtMs, s.AtStartOrEnd),
        _ => null,
    };

    private Expr WithTime(Expr target, double seconds)
    {
        double milliseconds = Math.Round(seconds * 1000, MidpointRounding.AwayFromZero);

        // Not only what is beyond the seconds: Prometheus lets a time through whose milliseconds overflow, and then asks for another time.
        if (!(milliseconds < long.MaxValue && milliseconds > long.MinValue))
        {
            string shown = double.IsFinite(seconds) ? seconds.ToString("F6", CultureInfo.InvariantCulture) : GoFloat.ToGeneral(seconds);
            tokens.Report(target.Position, $"timestamp out of bounds for @ modifier: {shown}");
            milliseconds = 0;
        }

        return WithAt(target, (long)milliseconds, AtPreprocessor.None);
    }

    private Expr WithAt(Expr target, long? milliseconds, AtPreprocessor startOrEnd)
    {
        if (AtOf(target) is not var (before, startOrEndBefore))
        {
            tokens.Report(target.Position, target is PlaceholderExpr { IsRange: true }
                ? RangeOnly
                : "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery");
            return target;
        }

        if (before is not null || startOrEndBefore != AtPreprocessor.None)
        {
            tokens.Report(target.Position, "@ <timestamp> may not be set multiple times");
            return target;
        }

        PositionRange position = target.Position with { End = tokens.LastClosing };
        return target switch
        {
            MatrixSelector m => m with
            {
                Selector = m.Selector with { AtMs = milliseconds, AtStartOrEnd = startOrEnd },
                Position = position,
            },
            SubqueryExpr s => s with { AtMs = milliseconds, AtStartOrEnd = startOrEnd, Position = position },
            _ => (VectorSelector)target with { AtMs = milliseconds, AtStartOrEnd = startOrEnd, Position = position },
        };
    }

    private Expr Extend(Expr target, string modifier, Func<VectorSelector, VectorSelector> change)
    {
        if (!options.ExtendedRangeSelectors)
        {
            tokens.Report(target.Position, $"{modifier} modifier is experimental and not enabled");
            return target;
        }

        switch (target)
        {
            case VectorSelector selector: return Checked(change(selector), target.Position);
            case MatrixSelector matrix: return matrix with { Selector = Checked(change(matrix.Selector), target.Position) };
            case PlaceholderExpr { IsRange: true }: break;
            case SubqueryExpr: tokens.Report(target.Position, $"{modifier} modifier is not supported for subqueries"); break;
            default: tokens.Report(target.Position, $"{modifier} modifier not implemented"); break;
        }

        return target;
    }

    private VectorSelector Checked(VectorSelector selector, PositionRange position)
    {
        if (selector is { Anchored: true, Smoothed: true }) tokens.Report(position, "anchored and smoothed modifiers cannot be used together");
        return selector;
    }
}
