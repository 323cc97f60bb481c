namespace Aion.PromQL;

/// <summary>
/// A node of the syntax tree. Immutable; <c>with</c> makes changed copies. Equality is by content for values and by reference for lists,
/// and takes positions into account: compare the printed texts to compare meanings.
/// </summary>
public abstract record Expr
{
    /// <summary>Where the node stands in the query text.</summary>
    public PositionRange Position { get; init; }

    /// <summary>What the node yields.</summary>
    public abstract ValueType Type { get; }

    /// <summary>Subexpressions in the order of evaluation (an aggregation's expression before its parameter). Duration expressions are not among them.</summary>
    public abstract IReadOnlyList<Expr> Children { get; }

    /// <summary>The expression as Prometheus prints it. Parses back to the same tree.</summary>
    public sealed override string ToString() => PromQLPrinter.Format(this);
}

public sealed record NumberLiteral(double Value) : Expr
{
    /// <summary>Written as a duration (<c>1h30m</c>); the value is in seconds.</summary>
    public bool IsDuration { get; init; }

    public override ValueType Type => ValueType.Scalar;

    public override IReadOnlyList<Expr> Children => [];
}

public sealed record StringLiteral(string Value) : Expr
{
    public override ValueType Type => ValueType.String;

    public override IReadOnlyList<Expr> Children => [];
}

public sealed record ParenExpr(Expr Inner) : Expr
{
    public override ValueType Type => Inner.Type;

    public override IReadOnlyList<Expr> Children => [Inner];
}

/// <summary>A sign in front of an expression; <see cref="Negative"/> tells which.</summary>
public sealed record UnaryExpr(bool Negative, Expr Operand) : Expr
{
    public override ValueType Type => Operand.Type;

    public override IReadOnlyList<Expr> Children => [Operand];
}

/// <summary>A function call. The arguments have been checked against the signature.</summary>
public sealed record Call(FunctionSignature Function, IReadOnlyList<Expr> Arguments) : Expr
{
    public override ValueType Type => Function.ReturnType;

    public override IReadOnlyList<Expr> Children => Arguments;
}
