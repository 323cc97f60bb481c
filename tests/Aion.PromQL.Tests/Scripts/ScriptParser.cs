using System.Globalization;
using Aion.Model;

namespace Aion.PromQL.Tests;

/// <summary>Reads a promqltest script into commands; see shared/conformance/promql/README.md.</summary>
internal sealed class ScriptParser(string text)
{
    private static readonly ParserOptions Options = ParserOptions.AllFeatures;
    private readonly string[] _lines = [.. text.Split('\n').Select(l => l.Trim()).Select(l => l.StartsWith('#') ? "" : l)];
    private int _at;

    public static IReadOnlyList<ScriptCommand> Parse(string text) => new ScriptParser(text).Parse();

    public static long Duration(string text) =>
        (long)PrometheusDuration.Parse(text).TotalMilliseconds;

    private List<ScriptCommand> Parse()
    {
        List<ScriptCommand> commands = [];
        for (; _at < _lines.Length; _at++)
        {
            string line = _lines[_at];
            if (line.Length == 0) continue;
            string word = line.Split(' ', 2)[0].ToLowerInvariant();
            if (word == "clear") commands.Add(new ClearCommand(_at + 1));
            else if (word.StartsWith("load", StringComparison.Ordinal)) commands.Add(Load());
            else if (word.StartsWith("eval", StringComparison.Ordinal)) commands.Add(Eval());
            else throw new FormatException($"line {_at + 1}: unknown command {word}");
        }

        return commands;
    }

    private LoadCommand Load()
    {
        int first = _at + 1;
        string[] words = _lines[_at].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long step = Duration(words[1]);
        List<LoadedSeries> series = [];
        IReadOnlyList<long?>? starts = null;
        while (++_at < _lines.Length && _lines[_at].Length > 0)
        {
            string line = _lines[_at];
            string metric = line.Split((char[])[' ', '\t'], 2)[0];
            if (metric.EndsWith("@st", StringComparison.Ordinal))
            {
                starts = StartTimes(line[metric.Length..]);
                continue;
            }

            (Labels labels, IReadOnlyList<SequenceValue> values) = SeriesLine(line);
            List<long>? absolute = null;
            if (starts is not null)
            {
                absolute = [];
                for (var i = 0; i < values.Count; i++) absolute.Add(i < starts.Count && starts[i] is { } d ? i * step + d : 0);
                starts = null;
            }

            series.RemoveAll(s => s.Labels.Equals(labels));
            series.Add(new LoadedSeries(labels, values, absolute));
        }

        return new LoadCommand(first, step, words[0].Equals("load_with_nhcb", StringComparison.OrdinalIgnoreCase), series);
    }

    private static List<long?> StartTimes(string text)
    {
        List<long?> starts = [];
        foreach (string item in text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            int x = item.LastIndexOf('x');
            int count = x < 0 ? 0 : int.Parse(item[(x + 1)..], CultureInfo.InvariantCulture);
            string value = x < 0 ? item : item[..x];
            if (value == "_")
            {
                for (var i = 0; i < Math.Max(1, count); i++) starts.Add(null);
                continue;
            }

            int sign = value.IndexOfAny(['+', '-'], 1);
            long start = Signed(sign < 0 ? value : value[..sign]);
            long change = sign < 0 ? 0 : Signed(value[sign..]);
            for (var i = 0; i <= count; i++) starts.Add(start + i * change);
        }

        return starts;
    }

    private static long Signed(string text) => text[0] switch
    {
        '-' => -Duration(text[1..]),
        '+' => Duration(text[1..]),
        _ => Duration(text),
    };

    private EvalCommand Eval()
    {
        int number = _at + 1;
        string line = _lines[_at];
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        EvalCommand command;
        if (words[1] == "range")
        {
            long start = Duration(words[3]), end = Duration(words[5]), step = Duration(words[7]);
            command = new EvalCommand(number, After(line, 8)) { IsRange = true, StartMs = start, EndMs = end, StepMs = step };
        }
        else
        {
            command = new EvalCommand(number, After(line, 4)) { StartMs = Duration(words[3]) };
        }

        PromQLParser.Parse(command.Query, Options);
        string verb = words[0].ToLowerInvariant();
        if (verb == "eval_fail") command.Expectations.Add(new Expectation("fail", null, null));
        if (verb == "eval_warn") command.Expectations.Add(new Expectation("warn", null, null));
        if (verb == "eval_info") command.Expectations.Add(new Expectation("info", null, null));
        command.Ordered = verb == "eval_ordered";
        while (++_at < _lines.Length && _lines[_at].Length > 0)
        {
            EvalCommand changed = ExpectedLine(command, _lines[_at], out bool ends);
            command = changed;
            if (ends) break;
        }

        return command;
    }

    /// <summary>The rest of a line after that many blank-separated words.</summary>
    private static string After(string line, int words)
    {
        var at = 0;
        for (var i = 0; i < words; i++)
        {
            while (line[at] == ' ') at++;
            while (line[at] != ' ') at++;
        }

        return line[at..].Trim();
    }

    private static EvalCommand ExpectedLine(EvalCommand command, string line, out bool ends)
    {
        ends = false;
        string[] words = line.Split(' ');
        if (words[0] == "expected_fail_message" || words[0] == "expected_fail_regexp")
        {
            string rest = line[words[0].Length..].Trim();
            command.Expectations.RemoveAll(e => e.Class == "fail");
            command.Expectations.Add(words[0].EndsWith("message", StringComparison.Ordinal)
                ? new Expectation("fail", rest, null)
                : new Expectation("fail", null, rest));
            ends = true;
            return command;
        }

        if (words[0] == "expect") return Expect(command, line, words);
        if (PlainNumber(line) is { } number)
        {
            command.ExpectedScalar = number;
            ends = true;
            return command;
        }

        (Labels labels, IReadOnlyList<SequenceValue> values) = SeriesLine(line);
        command.Series.Add((labels, values));
        return command;
    }

    private static double? PlainNumber(string line)
    {
        double sign = 1;
        ReadOnlySpan<char> text = line;
        if (text[0] is '+' or '-')
        {
            sign = text[0] == '-' ? -1 : 1;
            text = text[1..];
        }

        try
        {
            return PromQLParser.Parse(text.ToString(), Options) is NumberLiteral number ? sign * number.Value : null;
        }
        catch (PromQLParseException)
        {
            return null;
        }
    }

    private static EvalCommand Expect(EvalCommand command, string line, string[] words)
    {
        switch (words[1])
        {
            case "ordered":
                command.Ordered = true;
                return command;
            case "range":
                string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return Copy(command, Duration(parts[6]), Duration(parts[4]), Duration(parts[8]));
            case "string":
                string quoted = line[(line.IndexOf("string", StringComparison.Ordinal) + 6)..].Trim();
                command.ExpectedString = ((StringLiteral)PromQLParser.Parse(quoted, Options)).Value;
                return command;
        }

        string rest = line["expect ".Length..].Trim();
        string kind = rest.Split(' ', 2)[0];
        string detail = rest[kind.Length..].Trim();
        string? message = null, pattern = null;
        if (detail.StartsWith("msg:", StringComparison.Ordinal)) message = detail[4..].Trim();
        else if (detail.StartsWith("regex:", StringComparison.Ordinal)) pattern = detail[6..].Trim();
        else if (detail.Length > 0) throw new FormatException($"unknown expectation {line}");
        command.Expectations.Add(new Expectation(kind, message, pattern));
        return command;
    }

    private static EvalCommand Copy(EvalCommand command, long evaluationMs, long startMs, long stepMs)
    {
        var copy = new EvalCommand(command.Line, command.Query)
        {
            StartMs = evaluationMs,
            RangeVectorStartMs = startMs,
            RangeVectorStepMs = stepMs,
            Ordered = command.Ordered,
        };
        copy.Expectations.AddRange(command.Expectations);
        copy.Series.AddRange(command.Series);
        return copy;
    }

    private static (Labels Labels, IReadOnlyList<SequenceValue> Values) SeriesLine(string line)
    {
        SeriesDescription description = SeriesDescriptionParser.Parse(line);
        return (description.Labels, description.Values);
    }
}
