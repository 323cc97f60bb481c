using System.Collections.Frozen;

namespace Aion.PromQL;

/// <summary>The table of range functions.</summary>
internal static class RangeFunctions
{
    private static readonly FrozenDictionary<string, RangeFunction> ByName = new Dictionary<string, RangeFunction>(StringComparer.Ordinal)
    {
        ["rate"] = new RateFunction(isCounter: true, isRate: true),
        ["increase"] = new RateFunction(isCounter: true, isRate: false),
        ["delta"] = new RateFunction(isCounter: false, isRate: false),
        ["xrate"] = new XRateFunction(isCounter: true, isRate: true),
        ["xincrease"] = new XRateFunction(isCounter: true, isRate: false),
        ["xdelta"] = new XRateFunction(isCounter: false, isRate: false),
        ["irate"] = new InstantRateFunction(isRate: true),
        ["idelta"] = new InstantRateFunction(isRate: false),
        ["changes"] = new ChangeFunction(resets: false),
        ["resets"] = new ChangeFunction(resets: true),
        ["sum_over_time"] = new SumOverTimeFunction(mean: false),
        ["avg_over_time"] = new SumOverTimeFunction(mean: true),
        ["count_over_time"] = new CountOverTimeFunction(presence: false),
        ["present_over_time"] = new CountOverTimeFunction(presence: true),
        ["absent_over_time"] = new CountOverTimeFunction(presence: true),
        ["min_over_time"] = new ExtremeOverTimeFunction(max: false, timestamp: false),
        ["max_over_time"] = new ExtremeOverTimeFunction(max: true, timestamp: false),
        ["ts_of_min_over_time"] = new ExtremeOverTimeFunction(max: false, timestamp: true),
        ["ts_of_max_over_time"] = new ExtremeOverTimeFunction(max: true, timestamp: true),
        ["first_over_time"] = new EdgeOverTimeFunction(last: false, timestamp: false),
        ["last_over_time"] = new EdgeOverTimeFunction(last: true, timestamp: false),
        ["ts_of_first_over_time"] = new EdgeOverTimeFunction(last: false, timestamp: true),
        ["ts_of_last_over_time"] = new EdgeOverTimeFunction(last: true, timestamp: true),
        ["quantile_over_time"] = new QuantileOverTimeFunction(),
        ["mad_over_time"] = new MadOverTimeFunction(),
        ["stddev_over_time"] = new VarianceOverTimeFunction(deviation: true),
        ["stdvar_over_time"] = new VarianceOverTimeFunction(deviation: false),
        ["deriv"] = new LinearRegressionFunction(predict: false),
        ["predict_linear"] = new LinearRegressionFunction(predict: true),
        ["double_exponential_smoothing"] = new DoubleExponentialSmoothingFunction(),
        ["holt_winters"] = new DoubleExponentialSmoothingFunction(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static RangeFunction? Find(string name) => ByName.GetValueOrDefault(name);
}
