using System.Globalization;
using Aion.Model;

namespace Aion.PromQL.Tests;

/// <summary>A line of a load block or an expectation: labels and a sequence of values.</summary>
internal sealed record SeriesDescription(Labels Labels, IReadOnlyList<SequenceValue> Values)
{
    public static SeriesDescription Parse(string line)
    {
        int end = EndOfMetric(line);
        var builder = new LabelsBuilder();
        foreach (LabelMatcher matcher in PromQLParser.ParseMetricSelector(line[..end])) builder.Set(matcher.Name, matcher.Value);
        List<SequenceValue> values = [];
        foreach (string item in Items(line[end..])) AddItem(values, item);
        return new SeriesDescription(builder.ToLabels(), values);
    }

    private static int EndOfMetric(string line)
    {
        var depth = 0;
        char quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote != '\0')
            {
                if (c == '\\' && quote != '`') i++;
                else if (c == quote) quote = '\0';
                continue;
            }

            if (c is '"' or '\'' or '`') quote = c;
            else if (c == '{') depth++;
            else if (c == '}') depth--;
            else if (depth == 0 && char.IsWhiteSpace(c) && !line[i..].TrimStart().StartsWith('{')) return i;
            else if (depth == 0 && char.IsWhiteSpace(c) && line[i..].TrimStart().StartsWith("{{", StringComparison.Ordinal)) return i;
        }

        return line.Length;
    }

    private static IEnumerable<string> Items(string text)
    {
        int start = -1, depth = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            bool space = i == text.Length || (depth == 0 && char.IsWhiteSpace(text[i]));
            if (space)
            {
                if (start >= 0) yield return text[start..i];
                start = -1;
                continue;
            }

            if (start < 0) start = i;
            if (text[i] == '{') depth++;
            if (text[i] == '}') depth--;
        }
    }

    private static void AddItem(List<SequenceValue> values, string item)
    {
        if (item.StartsWith("{{", StringComparison.Ordinal))
        {
            AddHistograms(values, item);
            return;
        }

        int x = item.StartsWith("stale", StringComparison.Ordinal) || item.StartsWith('_') ? item.IndexOf('x', StringComparison.Ordinal) : item.LastIndexOf('x');
        int count = x < 0 ? 0 : int.Parse(item[(x + 1)..], CultureInfo.InvariantCulture);
        string body = x < 0 ? item : item[..x];
        if (body == "_")
        {
            for (var i = 0; i < Math.Max(1, count); i++) values.Add(new SequenceValue(0, IsOmitted: true));
            return;
        }

        if (body == "stale")
        {
            for (var i = 0; i <= count; i++) values.Add(new SequenceValue(StaleMarker.Value));
            return;
        }

        int sign = -1;
        for (var i = 1; i < body.Length; i++)
            if (body[i] is '+' or '-' && body[i - 1] is not ('e' or 'E')) sign = i;
        double value = Number(sign < 0 ? body : body[..sign]);
        double step = sign < 0 ? 0 : Number(body[sign..]);
        for (var i = 0; i <= count; i++)
        {
            values.Add(new SequenceValue(value));
            if (sign >= 0) value += step;
        }
    }

    private static double Number(string text)
    {
        ReadOnlySpan<char> digits = text.TrimStart('+', '-');
        double value = digits.Equals("inf", StringComparison.OrdinalIgnoreCase) ? double.PositiveInfinity
            : digits.Equals("nan", StringComparison.OrdinalIgnoreCase) ? double.NaN
            : double.Parse(digits.ToString().Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return text[0] == '-' ? -value : value;
    }

    private static void AddHistograms(List<SequenceValue> values, string item)
    {
        int close = item.IndexOf("}}", StringComparison.Ordinal) + 2;
        (FloatHistogram first, bool hint) = Histogram(item[..close]);
        string rest = item[close..];
        if (rest.Length == 0)
        {
            values.Add(new SequenceValue(0, first) { CounterResetHintSet = hint });
            return;
        }

        int count = int.Parse(rest[(rest.LastIndexOf('x') + 1)..], CultureInfo.InvariantCulture);
        if (rest[0] == 'x')
        {
            for (var i = 0; i <= count; i++) values.Add(new SequenceValue(0, first.Copy()) { CounterResetHintSet = hint });
            return;
        }

        (FloatHistogram change, bool changeHint) = Histogram(rest[1..rest.LastIndexOf('x')]);
        FloatHistogram current = first;
        for (var i = 0; i <= count; i++)
        {
            values.Add(new SequenceValue(0, current) { CounterResetHintSet = hint || changeHint });
            current = current.Copy();
            if (rest[0] == '+') current.Add(change);
            else current.Subtract(change);
            if (changeHint) current.CounterResetHint = change.CounterResetHint;
        }
    }

    private static (FloatHistogram Histogram, bool HintSet) Histogram(string text)
    {
        string body = text[2..^2];
        var histogram = new FloatHistogram();
        var hintSet = false;
        int offset = 0, negativeOffset = 0;
        double[] buckets = [], negative = [];
        foreach ((string key, string value) in Keys(body))
        {
            switch (key)
            {
                case "schema": histogram.Schema = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "sum": histogram.Sum = Number(value); break;
                case "count": histogram.Count = Number(value); break;
                case "z_bucket": histogram.ZeroCount = Number(value); break;
                case "z_bucket_w": histogram.ZeroThreshold = Number(value); break;
                case "offset": offset = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "n_offset": negativeOffset = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "buckets": buckets = Numbers(value); break;
                case "n_buckets": negative = Numbers(value); break;
                case "custom_values": histogram.CustomValues = Numbers(value); break;
                case "counter_reset_hint":
                    hintSet = true;
                    histogram.CounterResetHint = value switch
                    {
                        "reset" => CounterResetHint.Reset,
                        "not_reset" => CounterResetHint.NotReset,
                        "gauge" => CounterResetHint.Gauge,
                        _ => CounterResetHint.Unknown,
                    };
                    break;
                default: throw new FormatException(key);
            }
        }

        if (buckets.Length > 0) (histogram.PositiveSpans, histogram.PositiveBuckets) = ([new BucketSpan(offset, (uint)buckets.Length)], buckets);
        if (negative.Length > 0) (histogram.NegativeSpans, histogram.NegativeBuckets) = ([new BucketSpan(negativeOffset, (uint)negative.Length)], negative);
        return (histogram, hintSet);
    }

    private static double[] Numbers(string list) =>
        [.. list.Trim('[', ']').Split((char[])[' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(Number)];

    private static IEnumerable<(string Key, string Value)> Keys(string body)
    {
        var at = 0;
        while (true)
        {
            while (at < body.Length && char.IsWhiteSpace(body[at])) at++;
            if (at >= body.Length) yield break;
            int colon = body.IndexOf(':', at);
            string key = body[at..colon];
            at = colon + 1;
            int end = body[at] == '[' ? body.IndexOf(']', at) + 1 : body.IndexOf(' ', at);
            if (end <= 0) end = body.Length;
            yield return (key, body[at..end]);
            at = end;
        }
    }
}
