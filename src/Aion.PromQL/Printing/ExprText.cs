using System.Globalization;
using System.Text;

using Aion.Model;

namespace Aion.PromQL;

/// <summary>Writes the one-line form of a tree and remembers where each node's text lies in it.</summary>
internal sealed class ExprText
{
    private readonly StringBuilder _text = new();
    private readonly Dictionary<Expr, Range> _ranges = new(ReferenceEqualityComparer.Instance);

    public ExprText(Expr root)
    {
        Write(root);
        Text = _text.ToString();
    }

    public string Text { get; }

    public ReadOnlySpan<char> Of(Expr node) => Text.AsSpan()[_ranges[node]];

    /// <summary>What precedes the parenthesis of an aggregation.</summary>
    public static string AggregationHead(AggregateExpr e)
    {
        if (!e.Without && e.Grouping.Count == 0) return e.Operator.Text();
        var head = new StringBuilder(e.Operator.Text()).Append(e.Without ? " without (" : " by (");
        return AppendLabels(head, e.Grouping).Append(") ").ToString();
    }

    /// <summary>The operator with all its modifiers.</summary>
    public static string OperatorWithModifiers(BinaryExpr e)
    {
        var text = new StringBuilder(e.Operator.Text());
        if (e.ReturnBool) text.Append(" bool");
        if (e.Matching is not { } m) return text.ToString();
        bool grouping = m.Cardinality is VectorMatchCardinality.ManyToOne or VectorMatchCardinality.OneToMany;
        if (m.Labels.Count > 0 || m.On || grouping) AppendLabels(text.Append(m.On ? " on (" : " ignoring ("), m.Labels).Append(')');
        if (grouping)
            AppendLabels(text.Append(m.Cardinality == VectorMatchCardinality.ManyToOne ? " group_left (" : " group_right ("), m.Include).Append(')');
        if (m.FillLeft is { } left && m.FillRight is { } right && left == right) return AppendFill(text, "fill", left).ToString();
        if (m.FillLeft is { } fillLeft) AppendFill(text, "fill_left", fillLeft);
        if (m.FillRight is { } fillRight) AppendFill(text, "fill_right", fillRight);
        return text.ToString();
    }

    /// <summary>What follows the expression of a subquery.</summary>
    public static string SubquerySuffix(SubqueryExpr e)
    {
        var text = new StringBuilder("[");
        AppendDuration(text, e.RangeMs, e.RangeExpression).Append(':');
        if (e.StepMs != 0 || e.StepExpression is not null) AppendDuration(text, e.StepMs, e.StepExpression);
        text.Append(']');
        AppendAt(text, e.AtMs, e.AtStartOrEnd);
        AppendOffset(text, e.OffsetMs, e.OffsetExpression);
        return text.ToString();
    }

    private static StringBuilder AppendFill(StringBuilder text, string keyword, double value) =>
        text.Append(' ').Append(keyword).Append(" (").Append(GoFloat.ToGeneral(value)).Append(')');

    private static StringBuilder AppendLabels(StringBuilder text, IReadOnlyList<string> labels)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (i > 0) text.Append(", ");
            AppendName(text, labels[i]);
        }

        return text;
    }

    private static StringBuilder AppendName(StringBuilder text, string name) =>
        LabelNames.IsLegacyName(name) ? text.Append(name) : GoStrings.AppendQuoted(text, name);

    private static StringBuilder AppendDuration(StringBuilder text, long milliseconds, DurationExpr? expression) =>
        expression is null ? text.Append(PrometheusDuration.Format(milliseconds)) : AppendExpression(text, expression);

    private static void AppendAt(StringBuilder text, long? milliseconds, AtPreprocessor startOrEnd)
    {
        if (milliseconds is { } ms) text.Append(CultureInfo.InvariantCulture, $" @ {ms / 1000.0:F3}");
        else if (startOrEnd == AtPreprocessor.Start) text.Append(" @ start()");
        else if (startOrEnd == AtPreprocessor.End) text.Append(" @ end()");
    }

    private static void AppendOffset(StringBuilder text, long milliseconds, DurationExpr? expression)
    {
        if (milliseconds != 0 || expression is not null) AppendDuration(text.Append(" offset "), milliseconds, expression);
    }

    private static void AppendExtension(StringBuilder text, VectorSelector selector)
    {
        if (selector.Anchored) text.Append(" anchored");
        else if (selector.Smoothed) text.Append(" smoothed");
    }

    private static StringBuilder AppendNumber(StringBuilder text, NumberLiteral e) => text.Append(
        e.IsDuration ? PrometheusDuration.Format(NumberReader.ToMilliseconds(e.Value)) : GoFloat.ToPlain(e.Value));

    private static StringBuilder AppendExpression(StringBuilder text, Expr duration)
    {
        if (duration is NumberLiteral number) return AppendNumber(text, number);
        var e = (DurationExpr)duration;
        if (e.Wrapped) text.Append('(');
        switch (e.Operator)
        {
            case DurationOperator.Step or DurationOperator.Range:
                text.Append(e.Operator.Text()).Append("()");
                break;
            case DurationOperator.MinOf or DurationOperator.MaxOf:
                AppendExpression(text.Append(e.Operator.Text()).Append('('), e.Left!).Append(", ");
                AppendExpression(text, e.Right!).Append(')');
                break;
            default:
                if (e.Left is not null) AppendExpression(text, e.Left).Append(' ').Append(e.Operator.Text()).Append(' ');
                else if (e.Operator == DurationOperator.Subtract) text.Append('-');
                AppendExpression(text, e.Right!);
                break;
        }

        return e.Wrapped ? text.Append(')') : text;
    }

    private void Write(Expr expr)
    {
        int start = _text.Length;
        switch (expr)
        {
            case NumberLiteral e: AppendNumber(_text, e); break;
            case StringLiteral e: GoStrings.AppendQuoted(_text, e.Value); break;
            case VectorSelector e: WriteSelector(e); break;
            case MatrixSelector e: WriteMatrix(e); break;
            case DurationExpr e: AppendExpression(_text, e); break;
            case ParenExpr e:
                _text.Append('(');
                Write(e.Inner);
                _text.Append(')');
                break;
            case UnaryExpr e:
                _text.Append(e.Negative ? '-' : '+');
                Write(e.Operand);
                break;
            case BinaryExpr e:
                Write(e.Left);
                _text.Append(' ').Append(OperatorWithModifiers(e)).Append(' ');
                Write(e.Right);
                break;
            case Call e:
                _text.Append(e.Function.Name);
                WriteArguments(e.Arguments);
                break;
            case AggregateExpr e:
                _text.Append(AggregationHead(e));
                WriteArguments(e.Parameter is null ? [e.Expression] : [e.Parameter, e.Expression]);
                break;
            case SubqueryExpr e:
                Write(e.Expression);
                _text.Append(SubquerySuffix(e));
                break;
            default: throw new ArgumentException($"{expr.GetType().Name} has no text", nameof(expr));
        }

        _ranges[expr] = start.._text.Length;
    }

    private void WriteArguments(IReadOnlyList<Expr> arguments)
    {
        _text.Append('(');
        for (var i = 0; i < arguments.Count; i++)
        {
            if (i > 0) _text.Append(", ");
            Write(arguments[i]);
        }

        _text.Append(')');
    }

    private void WriteSelector(VectorSelector e)
    {
        WriteNameAndMatchers(e);
        AppendAt(_text, e.AtMs, e.AtStartOrEnd);
        AppendExtension(_text, e);
        AppendOffset(_text, e.OffsetMs, e.OffsetExpression);
    }

    private void WriteMatrix(MatrixSelector e)
    {
        WriteNameAndMatchers(e.Selector);
        AppendDuration(_text.Append('['), e.RangeMs, e.RangeExpression).Append(']');
        AppendExtension(_text, e.Selector);
        AppendAt(_text, e.Selector.AtMs, e.Selector.AtStartOrEnd);
        AppendOffset(_text, e.Selector.OffsetMs, e.Selector.OffsetExpression);
    }

    private void WriteNameAndMatchers(VectorSelector e)
    {
        _text.Append(e.Name);
        var matchers = new List<string>();
        foreach (LabelMatcher matcher in e.Matchers)
        {
            bool isName = e.Name.Length > 0 && matcher.Type == Aion.Model.MatchType.Equal && matcher.Name == LabelNames.MetricName && matcher.Value == e.Name;
            if (!isName) matchers.Add(TextOf(matcher));
        }

        if (matchers.Count == 0 && e.Name.Length > 0) return;
        matchers.Sort(Utf8Text.CompareByBytes);
        _text.Append('{').AppendJoin(',', matchers).Append('}');
    }

    private static string TextOf(LabelMatcher matcher)
    {
        StringBuilder text = AppendName(new StringBuilder(), matcher.Name).Append(matcher.Type.Text());
        return GoStrings.AppendQuoted(text, matcher.Value).ToString();
    }
}
