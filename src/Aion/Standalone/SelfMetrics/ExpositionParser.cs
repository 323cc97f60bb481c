using System.Globalization;
using System.Text;
using Aion.Model;

namespace Aion.Standalone;

/// <summary>Reads the Prometheus text format (version 0.0.4) as our own registries write it.</summary>
internal static class ExpositionParser
{
    /// <summary>The samples of a scrape, in order. Comments are passed over; timestamps are not expected.</summary>
    /// <exception cref="FormatException">A line is no sample; names the line.</exception>
    public static List<(Labels Labels, double Value)> Parse(string text, IReadOnlyList<KeyValuePair<string, string>> targetLabels)
    {
        var samples = new List<(Labels, double)>();
        var builder = new LabelsBuilder();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.IsEmpty || line[0] == '#') continue;
            builder.Clear();
            int at = ReadSeries(line, builder);
            ReadOnlySpan<char> value = line[at..].Trim();
            if (!TryParseValue(value, out double parsed)) throw Bad(line);
            foreach ((string name, string label) in targetLabels) builder.Set(name, label);
            samples.Add((builder.ToLabels(), parsed));
        }

        return samples;
    }

    private static int ReadSeries(ReadOnlySpan<char> line, LabelsBuilder builder)
    {
        int end = line.IndexOfAny('{', ' ');
        if (end <= 0) throw Bad(line);
        builder.Set(LabelNames.MetricName, line[..end].ToString());
        if (line[end] == ' ') return end;
        int at = end + 1;
        while (at < line.Length && line[at] != '}')
        {
            int equals = line[at..].IndexOf('=');
            if (equals <= 0 || at + equals + 1 >= line.Length || line[at + equals + 1] != '"') throw Bad(line);
            string name = line.Slice(at, equals).ToString();
            at += equals + 2;
            var value = new StringBuilder();
            while (at < line.Length && line[at] != '"')
            {
                if (line[at] == '\\' && ++at < line.Length) value.Append(line[at] == 'n' ? '\n' : line[at]);
                else value.Append(line[at]);
                at++;
            }

            if (++at >= line.Length) throw Bad(line);
            builder.Set(name, value.ToString());
            if (line[at] == ',') at++;
        }

        if (at >= line.Length) throw Bad(line);
        return at + 1;
    }

    private static bool TryParseValue(ReadOnlySpan<char> text, out double value)
    {
        value = text switch
        {
            "NaN" or "Nan" => double.NaN,
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => 0,
        };
        return value != 0 || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    private static FormatException Bad(ReadOnlySpan<char> line) => new($"not a line of the text format: {line}");
}
