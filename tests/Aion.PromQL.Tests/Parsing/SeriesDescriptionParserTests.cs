using System.Globalization;

using Aion.Model;
using Aion.Testing;

using FsCheck.Xunit;

namespace Aion.PromQL.Tests;

public sealed class SeriesDescriptionParserTests
{
    [Theory]
    [InlineData("m", "{__name__=\"m\"}", "")]
    [InlineData("m{a=\"b\",} 1 -2.5 +3 1e3", "{__name__=\"m\", a=\"b\"}", "1 -2.5 3 1000")]
    [InlineData("{\"a.b\", \"x y\"=\"c\"} 1", "{__name__=\"a.b\", \"x y\"=\"c\"}", "1")]
    [InlineData("{} 1x2", "{}", "1 1 1")]
    [InlineData("sum{by=\"x\"}\t1+2x3  -1-1x1", "{__name__=\"sum\", by=\"x\"}", "1 3 5 7 -1 -2")]
    [InlineData("m _ _x2 stale stalex1", "{__name__=\"m\"}", "_ _ _ stale stale stale")]
    [InlineData("m Inf -Inf nan Infx1 1-Infx1 1_000 010", "{__name__=\"m\"}", "+Inf -Inf NaN +Inf +Inf 1 -Inf 1000 8")]
    [InlineData("m -0x1", "{__name__=\"m\"}", "-0 -0")]
    public void Reads(string text, string labels, string values)
    {
        var description = SeriesDescriptionParser.Parse(text);
        Assert.Equal(labels, description.Labels.ToString());
        Assert.Equal(values, string.Join(' ', description.Values.Select(Text)));
    }

    [Fact]
    public void Reads_native_histograms_and_their_progressions()
    {
        IReadOnlyList<SequenceValue> values = SeriesDescriptionParser.Parse(
            "h {{}} {{schema:1 sum:-0.3 count:3 z_bucket:1 z_bucket_w:0.5 offset:-2 buckets:[1 0 2 ] n_offset:1 n_buckets:[4] counter_reset_hint:gauge }} "
            + "{{schema:-53 custom_values:[1 2.5] buckets:[1 2 3] count:6}}+{{schema:-53 custom_values:[1 2.5] buckets:[1 0 1] count:2}}x2").Values;
        Assert.Equal(5, values.Count);
        FloatHistogram h = values[1].Histogram!;
        Assert.True(values[1].CounterResetHintSet);
        Assert.Equal((1, -0.3, 3, 1, 0.5), (h.Schema, h.Sum, h.Count, h.ZeroCount, h.ZeroThreshold));
        Assert.Equal([new BucketSpan(-2, 3)], h.PositiveSpans);
        Assert.Equal([1, 0, 2], h.PositiveBuckets);
        Assert.Equal([new BucketSpan(1, 1)], h.NegativeSpans);
        Assert.Equal(CounterResetHint.Gauge, h.CounterResetHint);
        Assert.Equal([6, 8, 10], values.Skip(2).Select(v => v.Histogram!.Count));
        Assert.Equal([3, 2, 5], values[4].Histogram!.PositiveBuckets);
        Assert.False(values[4].CounterResetHintSet);
    }

    [Theory]
    [InlineData("m 1 2,3", "1:6: parse error: unexpected ',' in series values, expected a blank")]
    [InlineData("m 1+2", "1:6: parse error: unexpected end of input in series values, expected \"x\"")]
    [InlineData("m x", "1:3: parse error: unexpected 'x' in series values, expected number or \"stale\"")]
    [InlineData("m 1x", "1:5: parse error: unexpected end of input in series values, expected a number of repetitions")]
    [InlineData("m 1x99999999999", "1:5: parse error: invalid repetition in series values: 99999999999, the most is 1000000")]
    [InlineData("m{a!=\"b\"} 1", "1:2: parse error: unexpected a!=\"b\" in label set, expected \"=\"")]
    [InlineData("m{a=\"b\",a=\"c\"} 1", "1:2: parse error: label \"a\" is set twice")]
    [InlineData("m{a=1} 1", "1:5: parse error: unexpected character inside braces: '1'")]
    [InlineData("m {{sum:1 sum:2}}", "1:14: parse error: duplicate key \"sum\" in histogram")]
    [InlineData("m {{sum:+1}}", "1:9: parse error: unexpected '+' in series values, expected number or \"stale\"")]
    [InlineData("m {{custom_values:[]}}", "1:20: parse error: unexpected ']' in series values, expected number or \"stale\"")]
    [InlineData("m {{foo:1}}", "1:9: parse error: bad histogram descriptor found: \"foo\"")]
    [InlineData("m {{sum:1", "1:10: parse error: unexpected end of input in histogram description, expected \"}}\"")]
    [InlineData("m {{schema:2}}+{{schema:1}}x1", "1:30: parse error: error combining histograms: cannot merge from schema 1 to 2")]
    public void Refuses(string text, string message) =>
        Assert.Equal(message, Assert.Throws<PromQLParseException>(() => SeriesDescriptionParser.Parse(text)).Message);

    [Fact]
    public void Reads_a_metric_alone()
    {
        Assert.Equal("{__name__=\"up\", job=\"a\"}", SeriesDescriptionParser.ParseMetric("up{job=\"a\"}").ToString());
        Assert.Throws<PromQLParseException>(() => SeriesDescriptionParser.ParseMetric("up 1"));
    }

    [Property(MaxTest = 1000)]
    public void Any_text_is_read_or_refused(int[] picks)
    {
        string[] pieces = ["m", "{", "}", "{{", "}}", "a=\"b\"", " ", "1", "2.5", "x", "3", "+", "-", "_", "stale", "sum:", "buckets:[", "]", "é", "inf", "e", "."];
        var text = string.Concat(picks.Select(p => pieces[(uint)p % (uint)pieces.Length]));
        Exception? error = Record.Exception(() => SeriesDescriptionParser.Parse(text));
        Assert.True(error is null or PromQLParseException, error?.ToString());
    }

    [Fact]
    public void Reads_every_load_line_of_the_recorded_scripts()
    {
        var count = 0;
        foreach (string file in Directory.EnumerateFiles(SharedFolder.Require("golden", "promql", "scripts"), "*.test"))
        {
            var loading = false;
            foreach (string line in File.ReadLines(file).Select(l => l.Trim()))
            {
                loading = line.Length > 0 && line[0] != '#' && (loading || line.StartsWith("load", StringComparison.OrdinalIgnoreCase));
                if (!loading || line.StartsWith("load", StringComparison.OrdinalIgnoreCase) || line.Contains("@st", StringComparison.Ordinal)) continue;
                Assert.NotEmpty(SeriesDescriptionParser.Parse(line).Values);
                count++;
            }
        }

        Assert.True(count > 100, $"only {count} lines");
    }

    private static string Text(SequenceValue value) =>
        value.IsOmitted ? "_" : StaleMarker.Is(value.Value) ? "stale" : string.Create(CultureInfo.InvariantCulture, $"{GoFloat.ToGeneral(value.Value)}");
}
