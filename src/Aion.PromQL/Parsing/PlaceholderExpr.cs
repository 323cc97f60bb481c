namespace Aion.PromQL;

/// <summary>Stands where a part is missing or a range follows something that is no selector. An error has been reported, so it never leaves the parser.</summary>
internal sealed record PlaceholderExpr : Expr
{
    /// <summary>Like a range selector, it takes no offset but is not refused as something without one either.</summary>
    public bool IsRange { get; init; }

    public override ValueType Type => IsRange ? ValueType.Matrix : ValueType.None;

    public override IReadOnlyList<Expr> Children => [];
}
