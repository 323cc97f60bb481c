namespace Aion.PromQL.Tests;

/// <summary>Random expressions over <see cref="Data"/>: every kind of node, with joins and matchers more often than users write them.</summary>
internal sealed class RandomExpressions(int seed)
{
    private static readonly string[] RangeFunctions =
    [
        "rate", "increase", "delta", "irate", "idelta", "resets", "changes", "deriv", "sum_over_time", "avg_over_time", "min_over_time", "max_over_time",
        "count_over_time", "last_over_time", "present_over_time", "stddev_over_time", "first_over_time",
    ];

    private static readonly string[] Maps =
        ["abs", "ceil", "sgn", "minute", "timestamp", "histogram_count", "histogram_sum", "histogram_avg", "sort", "sort_desc", "absent", "-"];

    private static readonly string[] Matchers =
    [
        "x=\"1\"", "x=\"2\"", "x!=\"1\"", "x=~\"1|2\"", "x=~\".*\"", "x=\"\"", "y=\"p\"", "y=~\"p|r\"", "y!~\"q\"", "y!=\"\"", "z=\"\"", "z=~\".+\"", "z=\"k\"",
    ];

    private readonly Random _random = new(seed);

    /// <summary>Counters, gauges, native histograms, series that are both, and series that differ in metadata labels only.</summary>
    public const string Data = """
        load 30s
          a_total{x="1",y="p"} 0+3x20 0+2x20
          a_total{x="1",y="q"} 5+1x40
          a_total{x="2",y="p"} _x5 1+7x30
          a_total{x="2",y="q",z="k"} 0+1x40
          b_total{x="1",y="p"} 1+2x40
          b_total{x="1",y="q",z="k"} 3+4x40
          b_total{x="2",y="p"} 0+5x10 stale 2+2x20
          b_total{x="3",y="r"} 0+1x40
          g{x="1",y="p"} 3 1 4 1 5 9 2 6 5 3 5 8 9 7 9 3 2 3 8 4 6 2 6 4 3 3 8 3 2 7 9 5 0 2 8 8 4 1 9 7
          g{x="1",y="p",z="k"} 2 7 1 8 2 8 1 8 2 8 4 5 9 0 4 5 2 3 5 3 6 0 2 8 7 4 7 1 3 5 2 6 6 2 4 9 7 7 5 7
          g{x="2",y="q"} NaN 1 +Inf 2 -Inf 3x30
          g{x="2"} 1+0x40
          one{x="1"} 2x40
          one{x="2"} 3x20
          h{x="1",y="p"} {{schema:0 sum:1 count:2 buckets:[1 1]}}+{{schema:0 sum:1 count:2 buckets:[1 1]}}x40
          h{x="2",y="p"} {{schema:1 sum:3 count:4 buckets:[1 2 1]}}x40
          m{x="1",y="p"} 1 2 3 {{schema:0 sum:1 count:2 buckets:[1 1]}}x10 4+1x20
          m{x="2",y="p"} 1+1x40
          t{x="1",__type__="counter"} 1+1x40
          t{x="1",__type__="gauge"} 2+2x20
          t{x="2"} 3+3x40

        """;

    public string Next() => Vector(_random.Next(1, 5));

    private string Vector(int depth)
    {
        int roll = _random.Next(100);
        if (depth <= 0 || roll < 12) return Selector() + Modifiers();
        if (roll < 30) return $"{Pick(RangeFunctions)}({Range(depth)})";
        if (roll < 40) return $"{Pick(Maps)}({Vector(depth - 1)})";
        if (roll < 55) return Aggregate(depth);
        if (roll < 62) return $"({Vector(depth - 1)}) {Pick("+", "*", ">", "== bool", "/")} {Pick("2", "0.5", "time()", "scalar(one{x=\"1\"})")}";
        if (roll < 65) return $"label_replace({Vector(depth - 1)}, \"{Pick("x", "y", "w")}\", \"$1\", \"{Pick("x", "y")}\", \"(.*)\")";
        return Binary(depth);
    }

    private string Selector()
    {
        string name = Pick("a_total", "b_total", "g", "one", "h", "m", "t");
        List<string> matchers = [.. Enumerable.Range(0, Math.Max(0, _random.Next(-1, 3))).Select(_ => Pick(Matchers))];
        if (_random.Next(12) == 0) return $"{{__name__=~\"{Pick("a_total|b_total", "g|one", "t", ".*_total")}\"{string.Concat(matchers.Select(m => "," + m))}}}";
        return matchers.Count == 0 ? name : $"{name}{{{string.Join(',', matchers)}}}";
    }

    private string Modifiers() => _random.Next(12) switch
    {
        0 => " offset 1m",
        1 => " offset -30s",
        2 => " @ 600",
        3 => " @ end()",
        _ => "",
    };

    private string Range(int depth) => _random.Next(6) == 0
        ? $"({Vector(depth - 2)})[{Pick("2m", "5m")}:{Pick("", "30s", "45s")}]{Modifiers()}"
        : $"{Selector()}[{Pick("1m", "3m", "5m")}]{Modifiers()}";

    private string Aggregate(int depth)
    {
        string inner = Vector(depth - 1);
        string groups = _random.Next(5) switch { 0 => "", 1 => $" without ({LabelList()})", _ => $" by ({LabelList()})" };
        return _random.Next(9) switch
        {
            0 => $"topk{groups} (2, {inner})",
            1 => $"quantile{groups} (0.7, {inner})",
            2 => $"count_values{groups} (\"v\", {inner})",
            _ => $"{Pick("sum", "avg", "min", "max", "count", "group", "stddev")}{groups} ({inner})",
        };
    }

    private string Binary(int depth)
    {
        // Plain selectors, which matchers can be handed to, come up at the bottom only; joins want them more often.
        if (_random.Next(3) == 0) return $"({Selector()} {Pick("+", "/", ">", "and", "unless", "or")} {Selector()})";
        string left = _random.Next(3) == 0 ? Selector() : Vector(depth - 1), right = _random.Next(2) == 0 ? Selector() : Vector(depth - 1);
        string matching = _random.Next(5) switch { 0 or 1 => "", 2 => $" ignoring ({LabelList()})", _ => $" on ({LabelList()})" };
        if (_random.Next(3) == 0) return $"({left}) {Pick("and", "or", "unless")}{matching} ({right})";
        string group = matching.Length == 0 ? "" : Pick("", "", " group_left ()", " group_right ()", " group_left (z)");
        string fill = _random.Next(15) == 0 ? Pick(" fill (0)", " fill_left (1)", " fill_right (2)") : "";
        return $"({left}) {Pick("+", "-", "*", "/", "^", ">", "<=", "==", "!= bool", "> bool")}{matching}{group}{fill} ({right})";
    }

    private string LabelList() => string.Join(", ", ((string[])["x", "y", "z"]).Where(_ => _random.Next(2) == 0));

    private string Pick(params ReadOnlySpan<string> choices) => choices[_random.Next(choices.Length)];
}
