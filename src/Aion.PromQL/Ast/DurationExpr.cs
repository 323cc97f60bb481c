namespace Aion.PromQL;

public enum DurationOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,

    /// <summary><c>step()</c>: the query's step, 0 for an instant query; no operands.</summary>
    Step,

    /// <summary><c>range()</c>: the query's end minus its start; no operands.</summary>
    Range,
    MinOf,
    MaxOf,
}

/// <summary>
/// Duration arithmetic where a range, step or offset stands. Operands are <see cref="NumberLiteral"/> (seconds) or <see cref="DurationExpr"/>.
/// A sign has only a <see cref="Right"/> operand. The result is in seconds and truncates to whole milliseconds.
/// </summary>
public sealed record DurationExpr(DurationOperator Operator) : Expr
{
    public Expr? Left { get; init; }

    public Expr? Right { get; init; }

    /// <summary>Written in parentheses.</summary>
    public bool Wrapped { get; init; }

    public override ValueType Type => ValueType.Scalar;

    public override IReadOnlyList<Expr> Children => Left is null ? Right is null ? [] : [Right] : [Left, Right!];
}
