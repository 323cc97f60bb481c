using Aion.Model;

namespace Aion.PromQL;

/// <summary><c>@ start()</c> and <c>@ end()</c>: the time is that of the outer query, resolved before execution.</summary>
public enum AtPreprocessor
{
    None,
    Start,
    End,
}

/// <summary>An instant vector selector. Also the base of a <see cref="MatrixSelector"/>, whose offset and <c>@</c> it carries.</summary>
public sealed record VectorSelector : Expr
{
    /// <summary>The metric name written in front of the braces; empty if none (a name given inside is only a matcher).</summary>
    public string Name { get; init; } = "";

    /// <summary>All matchers in the order written; the one of <see cref="Name"/> comes last.</summary>
    public IReadOnlyList<LabelMatcher> Matchers { get; init; } = [];

    /// <summary>The offset as written, whole milliseconds; 0 while <see cref="OffsetExpression"/> is not resolved.</summary>
    public long OffsetMs { get; init; }

    /// <summary>Duration arithmetic that gives the offset; null for a plain literal.</summary>
    public DurationExpr? OffsetExpression { get; init; }

    /// <summary>The time of <c>@</c>, milliseconds since the epoch; null if there is none or it is start() or end().</summary>
    public long? AtMs { get; init; }

    public AtPreprocessor AtStartOrEnd { get; init; }

    public bool Anchored { get; init; }

    public bool Smoothed { get; init; }

    /// <summary>The second argument of <c>info()</c>: a matcher list, never evaluated as a selector.</summary>
    public bool IsMatcherList { get; init; }

    public override ValueType Type => ValueType.Vector;

    public override IReadOnlyList<Expr> Children => [];
}

/// <summary>A range vector selector: <c>(t - range, t]</c>, offset and <c>@</c> stand in <see cref="Selector"/>.</summary>
public sealed record MatrixSelector(VectorSelector Selector) : Expr
{
    /// <summary>Whole milliseconds; 0 while <see cref="RangeExpression"/> is not resolved.</summary>
    public long RangeMs { get; init; }

    /// <summary>Duration arithmetic that gives the range; null for a plain literal.</summary>
    public DurationExpr? RangeExpression { get; init; }

    public override ValueType Type => ValueType.Matrix;

    public override IReadOnlyList<Expr> Children => [Selector];
}

/// <summary><c>expr[range:step]</c>: the expression evaluated at every multiple of the step in <c>(t - range, t]</c>.</summary>
public sealed record SubqueryExpr(Expr Expression) : Expr
{
    /// <summary>Whole milliseconds; 0 while <see cref="RangeExpression"/> is not resolved.</summary>
    public long RangeMs { get; init; }

    public DurationExpr? RangeExpression { get; init; }

    /// <summary>Whole milliseconds; 0 means the default step, or an unresolved <see cref="StepExpression"/>.</summary>
    public long StepMs { get; init; }

    public DurationExpr? StepExpression { get; init; }

    /// <summary>As in <see cref="VectorSelector.OffsetMs"/>.</summary>
    public long OffsetMs { get; init; }

    public DurationExpr? OffsetExpression { get; init; }

    /// <summary>As in <see cref="VectorSelector.AtMs"/>.</summary>
    public long? AtMs { get; init; }

    public AtPreprocessor AtStartOrEnd { get; init; }

    public override ValueType Type => ValueType.Matrix;

    public override IReadOnlyList<Expr> Children => [Expression];
}
