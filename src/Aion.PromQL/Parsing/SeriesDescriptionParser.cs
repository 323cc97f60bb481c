using System.Text;

using Aion.Model;

using MatchType = Aion.Model.MatchType;

namespace Aion.PromQL;

/// <summary>A metric and the values of its series at consecutive positions, as written in test scripts and rule unit tests.</summary>
public sealed record SeriesDescription(Labels Labels, IReadOnlyList<SequenceValue> Values);

/// <summary>Reads series descriptions: <c>metric{label="value"} 1 2+1x5 _x3 stale {{schema:0 count:3 buckets:[1 2]}}x2</c>.</summary>
public static class SeriesDescriptionParser
{
    /// <summary>Most values of one series; repetitions are short to write and long to hold.</summary>
    public const int MaxValues = 1_000_000;

    /// <summary>A metric with its values, possibly none.</summary>
    /// <exception cref="PromQLParseException">The text is no series description, or has more than <see cref="MaxValues"/> values.</exception>
    public static SeriesDescription Parse(string text)
    {
        Labels labels = ReadMetric(text, out int end);
        var reader = new SequenceReader(Encoding.UTF8.GetBytes(text), end);
        return new SeriesDescription(labels, reader.ReadValues());
    }

    /// <summary>A metric alone: <c>name{label="value", …}</c>, name or braces may be missing.</summary>
    /// <exception cref="PromQLParseException">The text is no metric.</exception>
    public static Labels ParseMetric(string text)
    {
        Labels labels = ReadMetric(text, out int end);
        var tail = new SequenceReader(Encoding.UTF8.GetBytes(text), end);
        tail.ExpectEnd();
        return labels;
    }

    private static Labels ReadMetric(string text, out int end)
    {
        var tokens = new TokenStream(text, ParserOptions.Default.MaxDepth);
        var builder = new LabelsBuilder();
        string name = "";
        end = 0;
        if (tokens.Next.IsMetricName())
        {
            Token token = tokens.Take();
            name = tokens.StringOf(token);
            end = token.End;
        }

        int brace = end;
        while (name.Length == 0 && brace < tokens.Text.Length && tokens.Text[brace] is (byte)' ' or (byte)'\t') brace++;
        bool hasBraces = brace < tokens.Text.Length && tokens.Text[brace] == '{' && tokens.Text.AsSpan(brace).IndexOf("{{"u8) != 0;
        if (hasBraces && tokens.Next == TokenKind.LeftBrace) AddLabels(tokens, builder, ref end);
        if (name.Length > 0) builder.Set(LabelNames.MetricName, name);
        return builder.ToLabels();
    }

    private static void AddLabels(TokenStream tokens, LabelsBuilder builder, ref int end)
    {
        try
        {
            IReadOnlyList<LabelMatcher> matchers = new LabelListParser(tokens).ReadMatchers(out PositionRange braces);
            end = braces.End;
            foreach (LabelMatcher matcher in matchers)
            {
                if (matcher.Type != MatchType.Equal) tokens.Report(braces, $"unexpected {matcher} in label set, expected \"=\"");
                else if (!builder.ValueOf(matcher.NameUtf8.Span).IsEmpty) tokens.Report(braces, $"label {GoStrings.Quote(matcher.Name)} is set twice");
                else builder.Set(matcher.NameUtf8.Span, matcher.ValueUtf8.Span);
            }
        }
        catch (EndOfParseSignal)
        {
            // The error is in the list.
        }

        if (tokens.Errors.Count > 0) throw tokens.ToException();
    }
}
