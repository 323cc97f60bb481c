using System.Text.Json;
using System.Text.RegularExpressions;
using Aion.PromQL;
using Aion.Testing;

namespace Aion.Rules.Tests;

/// <summary>Rule files as the real ruler took or refused them (golden/rule/rule-files.jsonl).</summary>
public sealed partial class RuleFileGoldenTests
{
    /// <summary>Where the recording shows a fault of the original or another version of the language.</summary>
    private static readonly Dictionary<string, string> Different = new()
    {
        ["extra/record-on"] = "R8: names change on the way through YAML",
        ["extra/alert-yes"] = "R8",
        ["extra/group-name-on"] = "R8",
        ["duplicate/groups-other-strategy"] = "the API shows one of two groups of the same name",
        ["expr/offset"] = "Prometheus 3.14 names range() among what may follow",
        ["expr/fill"] = "Prometheus 3.14 has fill modifiers, off by default",
    };

    // Prometheus 3.14, which this engine follows, has duration expressions on; the recorded ruler links 3.9.
    private static readonly ParserOptions Options = ParserOptions.Default with { DurationExpressions = false };

    [Fact]
    public void Files_are_taken_and_refused_as_the_ruler_does_and_errors_read_alike()
    {
        List<string> wrong = [];
        int count = 0;
        foreach (JsonElement line in File.ReadLines(SharedFolder.Require("golden", "rule", "rule-files.jsonl")).Select(l => JsonDocument.Parse(l).RootElement))
        {
            string id = line.GetProperty("id").GetString()!;
            // A pattern without files is the command's business.
            if (id.StartsWith("glob/", StringComparison.Ordinal) || Different.ContainsKey(id)) continue;
            count++;
            if (Difference(line) is { } difference) wrong.Add($"{id}: {difference}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(count > 200);
    }

    private static string? Difference(JsonElement line)
    {
        List<RuleFile> files = [.. line.GetProperty("files").EnumerateObject().Select(f => RuleFileParser.Parse(f.Value.GetString()!, Options))];
        JsonElement start = line.GetProperty("start");
        bool accepted = start.GetProperty("accepted").GetBoolean();
        List<string> errors = [.. files.SelectMany(f => f.Errors).Select(e => e.Message)];
        if (accepted != (errors.Count == 0)) return $"accepted {accepted}, ours says {string.Join("; ", errors)}";
        if (accepted) return Groups(start, files);

        // A text that is no YAML has another reader's words here, and a panic has none.
        string[] golden = [.. start.GetProperty("log").EnumerateArray().Select(l => Cause(l.GetString()!)).OfType<string>().Where(c => !c.StartsWith("yaml: ", StringComparison.Ordinal))];
        string[] missing = [.. golden.Where(g => !errors.Exists(e => e.Contains(g, StringComparison.Ordinal)))];
        return missing.Length > 0 ? $"missing {string.Join(" | ", missing)} in {string.Join(" | ", errors)}" : null;
    }

    /// <summary>What a log line says is wrong, without file, places and Go types; null for a line that only says that something was.</summary>
    private static string? Cause(string line)
    {
        Match err = ErrField().Match(line);
        if (!err.Success || line.Contains("rule command failed", StringComparison.Ordinal)) return null;
        string text = Regex.Unescape(err.Groups[1].Value);
        if (text.Contains("previous rule set restored", StringComparison.Ordinal)) return null;
        text = Leading().Replace(text, "");
        return text.Split('\n')[^1].Trim() is var last && UnmarshalInto().Match(last) is { Success: true } into ? into.Groups[1].Value : text;
    }

    private static string? Groups(JsonElement start, List<RuleFile> files)
    {
        string[] golden = [.. start.GetProperty("loaded_groups").EnumerateArray().Select(GoldenGroup).Order(StringComparer.Ordinal)];
        string[] ours = [.. files.SelectMany(f => f.Groups).Where(g => g.Rules.Count > 0).Select(Group).Order(StringComparer.Ordinal)];
        return golden.Where(g => !g.EndsWith(" []", StringComparison.Ordinal)).SequenceEqual(ours)
            ? null
            : $"groups {string.Join(" ; ", golden)} instead of ours {string.Join(" ; ", ours)}";
    }

    private static string GoldenGroup(JsonElement group)
    {
        IEnumerable<string> rules = group.GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("name").GetString()!).Order(StringComparer.Ordinal);
        return $"{group.GetProperty("name").GetString()} {group.GetProperty("interval").GetDouble()} {group.GetProperty("limit").GetInt64()} "
            + $"{group.GetProperty("partialResponseStrategy").GetString()} [{string.Join(' ', rules)}]";
    }

    private static string Group(RuleGroup group)
    {
        double interval = group.Interval is { Ticks: > 0 } own ? own.TotalSeconds : 30;
        IEnumerable<string> rules = group.Rules
            // The API shows rules that are the same in everything once.
            .DistinctBy(r => (r.Record, r.Alert, r.Expression, string.Join(',', r.Labels)))
            .Select(r => r.IsAlert ? r.Alert : r.Record).Order(StringComparer.Ordinal);
        return $"{group.Name} {interval} {group.Limit} {group.Strategy.ToString().ToUpperInvariant()} [{string.Join(' ', rules)}]";
    }

    [GeneratedRegex("""err="((?:[^"\\]|\\.)*)""")]
    private static partial Regex ErrField();

    // "reloading rules failed: ", the file's path, and one or two places.
    [GeneratedRegex(@"^(reloading rules failed: )?([^ ]+\.yaml: )?([0-9]+:[0-9]+: )*")]
    private static partial Regex Leading();

    [GeneratedRegex(@"^line [0-9]+: ((?:cannot unmarshal|field) .*?) (?:into|found in|not found in)")]
    private static partial Regex UnmarshalInto();
}
