using System.Collections.Frozen;

namespace Aion.PromQL;

/// <summary>All functions of Prometheus 3, and the few that Thanos adds.</summary>
public static class FunctionSignatures
{
    private const ValueType Scalar = ValueType.Scalar;
    private const ValueType Vector = ValueType.Vector;
    private const ValueType Matrix = ValueType.Matrix;
    private const ValueType Text = ValueType.String;

    private static readonly FrozenDictionary<string, FunctionSignature> ByName = Table().ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    public static IReadOnlyCollection<FunctionSignature> All => ByName.Values;

    public static FunctionSignature? Find(string name) => ByName.GetValueOrDefault(name);

    private static IEnumerable<FunctionSignature> Table() =>
    [
        .. OfVector("abs", "absent", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "deg", "exp", "floor"),
        .. OfVector("ln", "log10", "log2", "rad", "sgn", "sin", "sinh", "sort", "sort_desc", "sqrt", "tan", "tanh", "timestamp"),
        .. OfVector("histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar", "histogram_sum"),
        .. OfMatrix("absent_over_time", "avg_over_time", "changes", "count_over_time", "delta", "deriv", "first_over_time", "idelta"),
        .. OfMatrix("increase", "irate", "last_over_time", "max_over_time", "min_over_time", "present_over_time", "rate", "resets"),
        .. OfMatrix("stddev_over_time", "stdvar_over_time", "sum_over_time"),
        .. OfDate("day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year"),
        .. Experimental(OfMatrix("mad_over_time", "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time", "ts_of_min_over_time")),
        .. Experimental(OfVector("start_timestamp")),
        .. Experimental(
            new("end", [], Scalar),
            new("range", [], Scalar),
            new("start", [], Scalar),
            new("step", [], Scalar),
            new("max_of", [Scalar, Scalar], Scalar),
            new("min_of", [Scalar, Scalar], Scalar),
            new("double_exponential_smoothing", [Matrix, Scalar, Scalar], Vector),
            new("histogram_quantiles", [Vector, Text, Scalar, Scalar], Vector, Variadic: 9),
            new("info", [Vector, Vector], Vector, Variadic: 1),
            new("sort_by_label", [Vector, Text], Vector, Variadic: -1),
            new("sort_by_label_desc", [Vector, Text], Vector, Variadic: -1)),
        new("clamp", [Vector, Scalar, Scalar], Vector),
        new("clamp_max", [Vector, Scalar], Vector),
        new("clamp_min", [Vector, Scalar], Vector),
        new("histogram_fraction", [Scalar, Scalar, Vector], Vector),
        new("histogram_quantile", [Scalar, Vector], Vector),
        new("label_join", [Vector, Text, Text, Text], Vector, Variadic: -1),
        new("label_replace", [Vector, Text, Text, Text, Text], Vector),
        new("pi", [], Scalar),
        new("predict_linear", [Matrix, Scalar], Vector),
        new("quantile_over_time", [Scalar, Matrix], Vector),
        new("round", [Vector, Scalar], Vector, Variadic: 1),
        new("scalar", [Vector], Scalar),
        new("time", [], Scalar),
        new("vector", [Scalar], Vector),
        new("holt_winters", [Matrix, Scalar, Scalar], Vector, Extended: true),
        new("xdelta", [Matrix], Vector, Extended: true),
        new("xincrease", [Matrix], Vector, Extended: true),
        new("xrate", [Matrix], Vector, Extended: true),
    ];

    private static IEnumerable<FunctionSignature> OfVector(params string[] names) => names.Select(n => new FunctionSignature(n, [Vector], Vector));

    private static IEnumerable<FunctionSignature> OfMatrix(params string[] names) => names.Select(n => new FunctionSignature(n, [Matrix], Vector));

    private static IEnumerable<FunctionSignature> OfDate(params string[] names) =>
        names.Select(n => new FunctionSignature(n, [Vector], Vector, Variadic: 1));

    private static IEnumerable<FunctionSignature> Experimental(params IEnumerable<FunctionSignature> functions) =>
        functions.Select(f => f with { Experimental = true });
}
