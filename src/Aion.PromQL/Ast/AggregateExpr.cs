namespace Aion.PromQL;

public enum AggregateOperator
{
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    TopK,
    BottomK,
    CountValues,
    Quantile,
    LimitK,
    LimitRatio,
}

public sealed record AggregateExpr(AggregateOperator Operator, Expr Expression) : Expr
{
    /// <summary>The parameter of <c>topk</c>, <c>bottomk</c>, <c>limitk</c>, <c>limit_ratio</c>, <c>quantile</c> (scalar) and <c>count_values</c> (string); else null.</summary>
    public Expr? Parameter { get; init; }

    /// <summary>The labels of <c>by</c> or <c>without</c>, in the order written.</summary>
    public IReadOnlyList<string> Grouping { get; init; } = [];

    /// <summary>True: group by all labels but <see cref="Grouping"/>; false: by these only.</summary>
    public bool Without { get; init; }

    public override ValueType Type => ValueType.Vector;

    public override IReadOnlyList<Expr> Children => Parameter is null ? [Expression] : [Expression, Parameter];
}

public static class AggregateOperators
{
    private static readonly string[] Texts =
    [
        "sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk", "count_values", "quantile", "limitk",
        "limit_ratio",
    ];

    public static string Text(this AggregateOperator op) => Texts[(int)op];

    public static bool TakesParameter(this AggregateOperator op) => op >= AggregateOperator.TopK;

    public static bool IsExperimental(this AggregateOperator op) => op is AggregateOperator.LimitK or AggregateOperator.LimitRatio;
}
