using Aion.Hosting;
using Microsoft.Extensions.Logging;

namespace Aion.Query;

/// <summary>What <c>--enable-feature</c> turns on.</summary>
internal static class QueryFeatures
{
    private const string ExperimentalFunctions = "promql-experimental-functions";
    private const string ExtendedRangeSelectors = "promql-extended-range-selectors";
    private const string FillModifiers = "promql-binop-fill-modifiers";
    private const string DelayedNameRemoval = "promql-delayed-name-removal";

    private static readonly string[] AlwaysOn = ["promql-at-modifier", "promql-negative-offset"];

    public static IReadOnlyList<string> Names { get; } = [ExperimentalFunctions, ExtendedRangeSelectors, FillModifiers, DelayedNameRemoval];

    /// <exception cref="ComponentException">A feature that does not exist, named in the error.</exception>
    public static QueryApiOptions Apply(QueryApiOptions options, IReadOnlyList<string> features, ILogger logger)
    {
        foreach (string feature in features)
        {
            options = feature switch
            {
                "" => options,
                ExperimentalFunctions => options with { Parser = options.Parser with { ExperimentalFunctions = true } },
                ExtendedRangeSelectors => options with { Parser = options.Parser with { ExtendedRangeSelectors = true } },
                FillModifiers => options with { Parser = options.Parser with { BinaryFillModifiers = true } },
                DelayedNameRemoval => options with { DelayedNameRemoval = true },
                _ when AlwaysOn.Contains(feature) => WarnOf(options, feature, "is always on", logger),
                "query-pushdown" => WarnOf(options, feature, "is gone since Thanos 0.32 and does nothing", logger),
                _ => throw new ComponentException($"--enable-feature: there is no feature \"{feature}\"; known are {string.Join(", ", Names)}"),
            };
        }

        return options;
    }

    private static QueryApiOptions WarnOf(QueryApiOptions options, string feature, string what, ILogger logger)
    {
        logger.Warn($"the feature {what}", [("feature", feature)]);
        return options;
    }
}
