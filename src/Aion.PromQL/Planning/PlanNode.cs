using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// A node of a query's plan: the syntax tree with every time resolved and every parenthesis gone. Immutable. <see cref="Position"/> is that of
/// the expression in the query text, through all rewriting, because annotations point there.
/// </summary>
internal abstract record PlanNode(PositionRange Position)
{
    public abstract ValueType Type { get; }

    public abstract IReadOnlyList<PlanNode> Children { get; }

    /// <summary>The same node over other children, of the same number and types.</summary>
    public abstract PlanNode With(IReadOnlyList<PlanNode> children);
}

internal sealed record NumberNode(PositionRange Position, double Value) : PlanNode(Position)
{
    public override ValueType Type => ValueType.Scalar;

    public override IReadOnlyList<PlanNode> Children => [];

    public override PlanNode With(IReadOnlyList<PlanNode> children) => this;
}

internal sealed record StringNode(PositionRange Position, string Value) : PlanNode(Position)
{
    public override ValueType Type => ValueType.String;

    public override IReadOnlyList<PlanNode> Children => [];

    public override PlanNode With(IReadOnlyList<PlanNode> children) => this;
}

/// <summary>An instant selector.</summary>
internal sealed record SelectNode(PositionRange Position, IReadOnlyList<LabelMatcher> Matchers) : PlanNode(Position)
{
    /// <summary>Time of <c>@</c>, also of <c>@ start()</c> and <c>@ end()</c>.</summary>
    public long? AtMs { get; init; }

    public long OffsetMs { get; init; }

    public bool Anchored { get; init; }

    public bool Smoothed { get; init; }

    /// <summary>The function or aggregation closest around the selector; a hint for stores.</summary>
    public string Function { get; init; } = "";

    /// <summary>The grouping of the aggregation right around the selector; a hint for stores.</summary>
    public IReadOnlyList<string> Grouping { get; init; } = [];

    public bool By { get; init; }

    /// <summary>Selectors with the same number, other than 0, read one select.</summary>
    public int SharedSelect { get; init; }

    /// <summary>All consumers want sum and count of histograms only, so buckets serve to detect resets and are dropped then.</summary>
    public bool HistogramStatistics { get; init; }

    public override ValueType Type => ValueType.Vector;

    public override IReadOnlyList<PlanNode> Children => [];

    public override PlanNode With(IReadOnlyList<PlanNode> children) => this;
}

/// <summary>A range selector; <see cref="Selector"/> holds what it shares with an instant one.</summary>
internal sealed record RangeSelectNode(PositionRange Position, SelectNode Selector, long RangeMs) : PlanNode(Position)
{
    public override ValueType Type => ValueType.Matrix;

    public override IReadOnlyList<PlanNode> Children => [Selector];

    public override PlanNode With(IReadOnlyList<PlanNode> children) => this with { Selector = (SelectNode)children[0] };
}

/// <summary>An expression evaluated on a grid of its own, aligned to the epoch.</summary>
internal sealed record SubqueryNode(PositionRange Position, PlanNode Inner, long RangeMs, long StepMs) : PlanNode(Position)
{
    public long? AtMs { get; init; }

    public long OffsetMs { get; init; }

    public override ValueType Type => ValueType.Matrix;

    public override IReadOnlyList<PlanNode> Children => [Inner];

    public override PlanNode With(IReadOnlyList<PlanNode> children) => this with { Inner = children[0] };
}

internal sealed record CallNode(PositionRange Position, FunctionSignature Function, IReadOnlyList<PlanNode> Arguments) : PlanNode(Position)
{
    public string Name => Function.Name;

    /// <summary>Nobody reads the name, type and unit labels of the result, so they may stay.</summary>
    public bool MetadataUnseen { get; init; }

    public override ValueType Type => Function.ReturnType;

    public override IReadOnlyList<PlanNode> Children => Arguments;

    public override PlanNode With(IReadOnlyList<PlanNode> children) => this with { Arguments = children };
}

internal sealed record AggregateNode(
    PositionRange Position, AggregateOperator Operator, PlanNode Inner, PlanNode? Parameter, IReadOnlyList<string> Grouping, bool Without)
    : PlanNode(Position)
{
    public override ValueType Type => ValueType.Vector;

    public override IReadOnlyList<PlanNode> Children => Parameter is null ? [Inner] : [Inner, Parameter];

    public override PlanNode With(IReadOnlyList<PlanNode> children) =>
        this with { Inner = children[0], Parameter = children.Count > 1 ? children[1] : null };
}

internal sealed record BinaryNode(PositionRange Position, BinaryOperator Operator, PlanNode Left, PlanNode Right) : PlanNode(Position)
{
    public VectorMatching? Matching { get; init; }

    public bool ReturnBool { get; init; }

    public override ValueType Type =>
        Left.Type == ValueType.Scalar && Right.Type == ValueType.Scalar ? ValueType.Scalar : ValueType.Vector;

    public override IReadOnlyList<PlanNode> Children => [Left, Right];

    public override PlanNode With(IReadOnlyList<PlanNode> children) => this with { Left = children[0], Right = children[1] };
}

internal sealed record NegateNode(PositionRange Position, PlanNode Inner) : PlanNode(Position)
{
    public override ValueType Type => Inner.Type;

    public override IReadOnlyList<PlanNode> Children => [Inner];

    public override PlanNode With(IReadOnlyList<PlanNode> children) => this with { Inner = children[0] };
}

/// <summary>What does not depend on the step: evaluated at the first one and repeated.</summary>
internal sealed record StepInvariantNode(PlanNode Inner) : PlanNode(Inner.Position)
{
    public override ValueType Type => Inner.Type;

    public override IReadOnlyList<PlanNode> Children => [Inner];

    public override PlanNode With(IReadOnlyList<PlanNode> children) => this with { Inner = children[0] };
}
