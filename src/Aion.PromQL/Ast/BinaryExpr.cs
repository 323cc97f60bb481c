namespace Aion.PromQL;

public enum BinaryOperator
{
    Or,
    And,
    Unless,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,

    /// <summary><c>&lt;/</c>: keeps the part of a histogram below the bound.</summary>
    TrimUpper,

    /// <summary><c>&gt;/</c>: keeps the part of a histogram above the bound.</summary>
    TrimLower,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Atan2,
    Power,
}

public enum VectorMatchCardinality
{
    OneToOne,

    /// <summary><c>group_left</c>: the left side has many.</summary>
    ManyToOne,

    /// <summary><c>group_right</c>: the right side has many.</summary>
    OneToMany,

    /// <summary>Set operators.</summary>
    ManyToMany,
}

/// <summary>How the series of the two sides find each other. Present only between two instant vectors.</summary>
public sealed record VectorMatching
{
    public VectorMatchCardinality Cardinality { get; init; }

    /// <summary>The labels of <c>on</c> or <c>ignoring</c>, in the order written.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>True: match on <see cref="Labels"/>; false: on all labels but these and the metric name.</summary>
    public bool On { get; init; }

    /// <summary>Labels copied from the "one" side.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Value for a series missing on the left, null where not asked for.</summary>
    public double? FillLeft { get; init; }

    /// <summary>Value for a series missing on the right, null where not asked for.</summary>
    public double? FillRight { get; init; }
}

public sealed record BinaryExpr(BinaryOperator Operator, Expr Left, Expr Right) : Expr
{
    /// <summary>Null unless both sides are instant vectors.</summary>
    public VectorMatching? Matching { get; init; }

    /// <summary>The <c>bool</c> modifier: a comparison yields 0 or 1 instead of filtering.</summary>
    public bool ReturnBool { get; init; }

    public override ValueType Type =>
        Left.Type == ValueType.Scalar && Right.Type == ValueType.Scalar ? ValueType.Scalar : ValueType.Vector;

    public override IReadOnlyList<Expr> Children => [Left, Right];
}

public static class BinaryOperators
{
    private static readonly string[] Texts =
        ["or", "and", "unless", "==", "!=", "<", "<=", ">", ">=", "</", ">/", "+", "-", "*", "/", "%", "atan2", "^"];

    public static string Text(this BinaryOperator op) => Texts[(int)op];

    public static bool IsSet(this BinaryOperator op) => op is BinaryOperator.Or or BinaryOperator.And or BinaryOperator.Unless;

    /// <summary>True for the six comparisons; the two trims are none.</summary>
    public static bool IsComparison(this BinaryOperator op) => op is >= BinaryOperator.Equal and <= BinaryOperator.GreaterOrEqual;

    public static bool IsTrim(this BinaryOperator op) => op is BinaryOperator.TrimUpper or BinaryOperator.TrimLower;
}
