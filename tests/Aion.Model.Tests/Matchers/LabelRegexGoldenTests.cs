using System.Text;
using System.Text.Json;

namespace Aion.Model.Tests;

/// <summary>Every recorded expression, against the answers of the field's own engine.</summary>
public sealed class LabelRegexGoldenTests
{
    private static readonly Lazy<string[]> Pool = new(() =>
        [.. GoldenLines.OfKind("pool", "write", "matchers.jsonl").Single().GetProperty("strings").EnumerateArray().Select(s => s.GetString()!)]);

    [Fact]
    public void Expressions_match_what_RE2_matches() =>
        GoldenLines.AssertAll(GoldenLines.OfKind("regex", "write", "matchers.jsonl"), CheckRegex, expectedAtLeast: 736);

    [Fact]
    public void Case_folding_does_not_follow_the_fault_of_Prometheus_3_14() => GoldenLines.AssertAll(
        GoldenLines.OfKind("prometheus_3_14", "write", "matchers.jsonl"),
        // Where it differs from the plain expression, the plain one is right; the "regex" lines hold those answers.
        line =>
        {
            LabelRegex regex = LabelRegex.Parse(line.Text("regex")!);
            HashSet<string> wrong = [.. line.GetProperty("differs_from_plain_regexp").EnumerateArray().Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : e[0].GetString()!)];
            return WrongAnswer(line, value => regex.IsMatch(value) != wrong.Contains(value));
        });

    [Fact]
    public void Broken_UTF_8_is_matched_byte_by_byte() => GoldenLines.AssertAll(
        GoldenLines.OfKind("invalid_utf8", "write", "matchers.jsonl"),
        line =>
        {
            (_, string? error) = GoFloatTests.Outcome(() => LabelRegex.Parse(line.Text("regex")!).Pattern);
            if (error is not null || line.Text("error") is not null) return error == line.Text("error") ? null : error ?? "accepted";
            LabelRegex regex = LabelRegex.Parse(line.Text("regex")!);
            foreach (JsonElement pair in line.GetProperty("strings_base64").EnumerateArray())
                if (regex.IsMatch(pair[0].GetBytesFromBase64()) != pair[1].GetBoolean()) return $"{pair[0]} should be {pair[1]}";
            return null;
        });

    [Fact]
    public void Matchers_match_and_print_as_recorded()
    {
        GoldenLines.AssertAll(GoldenLines.OfKind("matcher", "write", "matchers.jsonl"), line =>
        {
            MatchType type = TypeOf(line.Text("op")!);
            (string? text, string? error) = GoFloatTests.Outcome(() => new LabelMatcher(type, line.Text("name")!, line.Text("value")!).ToString());
            if (line.Text("error") is { } expected) return error == expected ? null : error ?? "accepted";
            var matcher = new LabelMatcher(type, line.Text("name")!, line.Text("value")!);
            return text == line.Text("text") ? WrongAnswer(line, value => matcher.Matches(Encoding.UTF8.GetBytes(value))) : text;
        });
        GoldenLines.AssertAll(GoldenLines.OfKind("matcher_text", "write", "matchers.jsonl"), line =>
        {
            string text = new LabelMatcher(TypeOf(line.Text("op")!), line.Text("name")!, line.Text("value")!).ToString();
            return text == line.Text("text") ? null : text;
        });
    }

    [Fact]
    public void Bad_selectors_of_the_block_recordings_are_refused_in_the_same_words()
    {
        var failures = new List<string>();
        foreach (JsonElement line in GoldenLines.Read("tsdb", "block-mixed.queries.jsonl"))
        {
            if (line.Text("error") is not { } error || !error.StartsWith("error parsing regexp", StringComparison.Ordinal)) continue;
            string raw = line.GetRawText();
            string[] values = [.. Values(line)];
            if (!values.Any(value => GoFloatTests.Outcome(() => LabelRegex.Parse(value).Pattern).Error == error)) failures.Add(raw);
        }

        Assert.Empty(failures);
    }

    private static string? CheckRegex(JsonElement line)
    {
        string pattern = line.Text("regex")!;
        (_, string? error) = GoFloatTests.Outcome(() => LabelRegex.Parse(pattern).Pattern);
        string? expectedError = line.Text("matcher_error") ?? line.Text("error");
        if (error is not null || expectedError is not null) return error == expectedError ? null : error ?? "accepted";
        LabelRegex regex = LabelRegex.Parse(pattern);
        string[] set = line.TryGetProperty("set_matches", out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(e => e.GetString()!)]
            : [];
        string[] own = [.. regex.SetMatches ?? []];
        if (set.Length > 0 && !set.Distinct().SequenceEqual(own)) return $"set: {string.Join('|', own)}";
        if (regex.SetMatches is not null && !Array.TrueForAll(own, value => regex.IsMatch(value))) return "a member of the set does not match";
        if (WrongAnswer(line, regex.IsMatch) is { } wrong) return wrong;
        // The automaton behind the shortcuts, and the replacing form, must say the same.
        var dfa = new RegexDfa(RegexProgram.WholeText(RegexParser.Parse(pattern, RegexFlags.DotAll)));
        if (WrongAnswer(line, value => dfa.Matches(Encoding.UTF8.GetBytes(value))) is { } automaton) return $"automaton: {automaton}";
        if (line.Text("plain_regexp_error") is { } plainError)
            return GoFloatTests.Outcome(() => ReplacingRegex.Parse(pattern).Pattern).Error is { } actual && actual == plainError ? null : "the replacing form should be refused";
        var replacing = ReplacingRegex.Parse(pattern);
        if (WrongAnswer(line, value => replacing.IsMatch(Encoding.UTF8.GetBytes(value))) is { } replace) return $"replacing: {replace}";
        var captures = new RegexCaptures(RegexProgram.Search(RegexParser.Parse($"^(?s:{pattern})$", RegexFlags.None)), 2 * (replacing.GroupCount + 1));
        return WrongAnswer(line, value => captures.Find(Encoding.UTF8.GetBytes(value)) is not null, poolToo: false) is { } capture ? $"captures: {capture}" : null;
    }

    private static string? WrongAnswer(JsonElement line, Func<string, bool> matches, bool poolToo = true)
    {
        string pool = poolToo ? line.Text("pool")! : "";
        for (var i = 0; i < pool.Length; i++)
            if (matches(Pool.Value[i]) != (pool[i] == '1')) return $"{GoText.Quote(Pool.Value[i])} should be {pool[i] == '1'}";
        if (!line.TryGetProperty("more", out JsonElement more) || more.ValueKind != JsonValueKind.Array) return null;
        foreach (JsonElement pair in more.EnumerateArray())
            if (matches(pair[0].GetString()!) != pair[1].GetBoolean()) return $"{GoText.Quote(pair[0].GetString()!)} should be {pair[1].GetBoolean()}";
        return null;
    }

    private static IEnumerable<string> Values(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Values),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Values(p.Value)),
        _ => [],
    };

    private static MatchType TypeOf(string op) => op switch { "=" => MatchType.Equal, "!=" => MatchType.NotEqual, "=~" => MatchType.Regex, _ => MatchType.NotRegex };
}
