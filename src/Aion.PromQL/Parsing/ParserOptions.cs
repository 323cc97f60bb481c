namespace Aion.PromQL;

/// <summary>Which parts of the language are on. The defaults are those of a server without feature flags.</summary>
public sealed record ParserOptions
{
    /// <summary>A server without feature flags.</summary>
    public static ParserOptions Default { get; } = new();

    /// <summary>Everything on, except Thanos's own functions.</summary>
    public static ParserOptions AllFeatures { get; } = new()
    {
        ExperimentalFunctions = true,
        ExtendedRangeSelectors = true,
        BinaryFillModifiers = true,
    };

    /// <summary><c>promql-experimental-functions</c>: experimental functions and the aggregations limitk and limit_ratio.</summary>
    public bool ExperimentalFunctions { get; init; }

    /// <summary>Arithmetic in ranges, steps and offsets; on since Prometheus 3.14.</summary>
    public bool DurationExpressions { get; init; } = true;

    /// <summary><c>promql-extended-range-selectors</c>: anchored and smoothed.</summary>
    public bool ExtendedRangeSelectors { get; init; }

    /// <summary><c>promql-binop-fill-modifiers</c>: fill, fill_left and fill_right.</summary>
    public bool BinaryFillModifiers { get; init; }

    /// <summary>Thanos's xrate, xincrease, xdelta and holt_winters.</summary>
    public bool ExtendedFunctions { get; init; }

    /// <summary>Deepest tree accepted. Whoever walks a tree by recursion relies on it.</summary>
    public int MaxDepth { get; init; } = 1_000;
}
