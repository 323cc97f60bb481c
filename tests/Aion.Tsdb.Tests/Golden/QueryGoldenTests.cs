using System.Text;
using System.Text.Json;
using Aion.Model;
using Aion.Testing;
using MatchType = Aion.Model.MatchType;

namespace Aion.Tsdb.Tests;

/// <summary>The index of block-mixed answers as Prometheus' reader did: symbols, names, values, postings and 226 matcher sets.</summary>
public sealed class QueryGoldenTests
{
    [Fact]
    public void Symbols_are_the_recorded_ones_and_are_found_again()
    {
        using IndexReader index = Open();
        string[] expected = [.. Lines("symbols").Single().GetProperty("symbols").EnumerateArray().Select(s => s.GetString()!)];

        var read = new List<string>();
        foreach (ReadOnlySpan<byte> symbol in index.Symbols) read.Add(Encoding.UTF8.GetString(symbol));

        Assert.Equal(expected, read);
        for (uint i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], Encoding.UTF8.GetString(index.Symbols.Lookup(i)));
            Assert.True(index.Symbols.TryFind(Encoding.UTF8.GetBytes(expected[i]), out uint reference));
            Assert.Equal(i, reference);
        }

        Assert.False(index.Symbols.TryFind("not there"u8, out _));
        Assert.Throws<TsdbCorruptionException>(() => index.Symbols.Lookup((uint)expected.Length).Length);
    }

    [Fact]
    public void Label_names_and_values_are_the_recorded_ones()
    {
        using IndexReader index = Open();
        Assert.Equal(Strings(Lines("label_names").Single(), "names"), index.LabelNames([]));
        foreach (JsonElement line in Lines("label_values"))
            Assert.Equal(Strings(line, "values"), index.LabelValues(line.GetProperty("name").GetString()!, []));
        foreach (JsonElement line in Lines("label_values_limit"))
            Assert.Equal(Strings(line, "values"), index.LabelValues(line.GetProperty("name").GetString()!, [], line.GetProperty("limit").GetInt64()));
    }

    [Fact]
    public void Postings_of_every_pair_are_the_recorded_ones()
    {
        using IndexReader index = Open();
        foreach (JsonElement line in Lines("postings"))
        {
            PostingsRange range = index.Postings.Find(line.GetProperty("name").GetString()!, line.GetProperty("value").GetString()!);
            Assert.Equal(line.GetProperty("refs").EnumerateArray().Select(r => r.GetUInt32()), index.ReadPostings(range));
            Assert.Equal(line.GetProperty("refs").GetArrayLength(), range.Cardinality);
        }
    }

    [Fact]
    public void Matcher_sets_select_the_recorded_series()
    {
        using IndexReader index = Open();
        uint[] all = index.Select([]);
        var failing = new List<string>();
        var seen = 0;
        foreach (JsonElement line in Lines("select"))
        {
            string name = line.TryGetProperty("text", out JsonElement text) ? text.GetString()! : line.GetProperty("matchers").GetRawText();
            string? problem = Problem(index, all, line);
            if (problem is not null)
            {
                failing.Add(name);
                TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {problem}");
            }

            seen++;
        }

        Assert.Equal(226, seen);
        Assert.Equal(SharedFolder.ListBeside("known-failing-selects.txt").Order(), failing.Order());
    }

    private static string? Problem(IndexReader index, uint[] all, JsonElement line)
    {
        LabelMatcher[] matchers;
        try
        {
            matchers = [.. line.GetProperty("matchers").EnumerateArray().Select(ParseMatcher)];
        }
        catch (FormatException e)
        {
            if (!line.TryGetProperty("error", out JsonElement error)) return e.Message;
            return e.Message == error.GetString() ? null : $"error is {e.Message}, recorded {error}";
        }

        if (line.TryGetProperty("error", out JsonElement expected)) return $"no error, recorded {expected}";
        string series = string.Join(',', index.Select(matchers).Select(id => Array.IndexOf(all, id)));
        string wanted = string.Join(',', line.GetProperty("series").EnumerateArray().Select(i => i.GetInt32()));
        if (series != wanted) return $"series {series}, recorded {wanted}";
        // Nothing selected: the recording then lists no names.
        if (matchers.Length == 0) return null;
        string names = string.Join(',', index.LabelNames(matchers)), values = string.Join(',', index.LabelValues("__name__", matchers));
        string wantedNames = string.Join(',', Strings(line, "labelNames")), wantedValues = string.Join(',', Strings(line, "nameValues"));
        if (names != wantedNames) return $"label names {names}, recorded {wantedNames}";
        return values == wantedValues ? null : $"values {values}, recorded {wantedValues}";
    }

    private static LabelMatcher ParseMatcher(JsonElement json) => new(
        json.GetProperty("type").GetString() switch
        {
            "=" => MatchType.Equal,
            "!=" => MatchType.NotEqual,
            "=~" => MatchType.Regex,
            _ => MatchType.NotRegex,
        },
        json.GetProperty("name").GetString()!,
        json.GetProperty("value").GetString()!);

    private static IndexReader Open() => IndexReader.Open(Path.Combine(GoldenFiles.BlockIn("block-mixed"), "index"));

    private static IEnumerable<JsonElement> Lines(string kind) =>
        GoldenFiles.Lines("block-mixed.queries.jsonl").Where(l => l.GetProperty("kind").GetString() == kind);

    private static IEnumerable<string> Strings(JsonElement line, string name) =>
        line.GetProperty(name).ValueKind == JsonValueKind.Null ? [] : line.GetProperty(name).EnumerateArray().Select(s => s.GetString()!);
}
