using System.Globalization;
using System.Text.Json;
using Aion.Model;
using Aion.Testing;

namespace Aion.PromQL.Tests;

/// <summary>
/// Evaluations at which Thanos's own engine deviates from Prometheus: we follow Prometheus. Where the recorded library (0.309, a year older than
/// what we follow) says something else than Prometheus 3.14, the case is in <c>differs-thanos-engine.txt</c> with the reason.
/// </summary>
public sealed class ThanosEngineTests(ITestOutputHelper output)
{
    private static readonly QueryOptions Options = ScriptRunner.SuiteOptions with
    {
        DelayedNameRemoval = false,
        UseStartTimestamps = false,
        MaxSamples = 0,
        Parser = ParserOptions.Default with { ExperimentalFunctions = true },
    };

    [Fact]
    public async Task Where_the_Thanos_engine_deviates_we_follow_Prometheus()
    {
        string folder = SharedFolder.Require("golden", "promql");
        Dictionary<string, string> differs = SharedFolder.ListBeside("differs-thanos-engine.txt")
            .Select(l => l.Split(' ', 2)).ToDictionary(p => p[0], p => p[1]);
        var stores = new Dictionary<string, ScriptStore>();
        List<string> wrong = [];
        foreach (string line in File.ReadLines(Path.Combine(folder, "thanos-engine.jsonl")))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement entry = document.RootElement;
            string id = entry.GetProperty("id").GetInt32().ToString(CultureInfo.InvariantCulture);
            string? difference = await DifferenceAsync(entry, Store(stores, folder, entry.GetProperty("data").GetString()!));
            if (difference is not null) output.WriteLine($"{id} {entry.GetProperty("expr")}: {difference}");
            if (difference is not null && !differs.ContainsKey(id)) wrong.Add($"{id} {entry.GetProperty("expr")}: {difference}");
            if (difference is null && differs.ContainsKey(id)) wrong.Add($"{id} agrees: remove it from the list");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static ScriptStore Store(Dictionary<string, ScriptStore> stores, string folder, string data)
    {
        if (stores.TryGetValue(data, out ScriptStore? store)) return store;
        stores.Add(data, store = new ScriptStore());
        foreach (ScriptCommand command in ScriptParser.Parse(File.ReadAllText(Path.Combine(folder, data))))
            if (command is LoadCommand load) store.Load(load);
        return store;
    }

    private static async Task<string?> DifferenceAsync(JsonElement entry, ScriptStore store)
    {
        string query = entry.GetProperty("expr").GetString()!;
        JsonElement wanted = entry.GetProperty("prometheus");
        QueryResult result;
        try
        {
            var engine = new QueryEngine(TimeProvider.System);
            result = entry.TryGetProperty("at_ms", out JsonElement at)
                ? await engine.InstantAsync(query, at.GetInt64(), Options, store, TestContext.Current.CancellationToken)
                : await engine.RangeAsync(
                    query, entry.GetProperty("from_ms").GetInt64(), entry.GetProperty("to_ms").GetInt64(), entry.GetProperty("step_ms").GetInt64(),
                    Options, store, TestContext.Current.CancellationToken);
        }
        catch (PromQLException e)
        {
            string expected = wanted.TryGetProperty("error", out JsonElement error) ? error.GetString()! : "no error";
            // Which group and which two series are named depends on the order in which the store has its series.
            const string Duplicate = "found duplicate series for the match group ";
            bool same = e.Message == expected
                || (e.Message.StartsWith(Duplicate, StringComparison.Ordinal) && expected.StartsWith(Duplicate, StringComparison.Ordinal));
            return same ? null : $"failed: {e.Message}; expected {expected}";
        }

        if (wanted.TryGetProperty("error", out JsonElement missing)) return $"should fail: {missing}";
        return Texts("warnings", result.Warnings) ?? Texts("infos", result.Infos) ?? Series(wanted, result);

        string? Texts(string name, IReadOnlyList<string> got)
        {
            string[] expected = wanted.TryGetProperty(name, out JsonElement list) ? [.. list.EnumerateArray().Select(x => x.GetString()!)] : [];
            return expected.Order().SequenceEqual(got.Order()) ? null : $"{name}: expected [{string.Join("; ", expected)}], got [{string.Join("; ", got)}]";
        }
    }

    private static string? Series(JsonElement wanted, QueryResult result)
    {
        if (wanted.GetProperty("type").GetString() is "scalar" or "string") return null;
        JsonElement[] expected = [.. wanted.GetProperty("result").EnumerateArray()];
        if (expected.Length != result.Series.Count) return $"expected {expected.Length} series, got {result.Series.Count}";
        foreach (JsonElement series in expected)
        {
            Labels labels = Labels.From(series.GetProperty("metric").EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!)));
            if (result.Series.FirstOrDefault(s => s.Labels.Equals(labels)) is not { } got) return $"missing {labels}";
            JsonElement[] points = [.. series.GetProperty("points").EnumerateArray()];
            if (points.Length != got.PointCount) return $"{labels}: expected {points.Length} points, got {got.PointCount}";
            var i = 0;
            foreach (ResultPoint point in got)
            {
                JsonElement[] pair = [.. points[i++].EnumerateArray()];
                if (pair[0].GetInt64() != point.TimestampMs) return $"{labels}: expected a point at {pair[0]}, got one at {point.TimestampMs}";
                if (ScriptComparison.Difference(Value(pair[1].GetString()!), point, ScriptComparison.ByHand) is { } difference) return $"{labels} at {point.TimestampMs}: {difference}";
            }
        }

        return null;
    }

    private static SequenceValue Value(string text) => text.StartsWith("{{", StringComparison.Ordinal)
        ? SeriesDescriptionParser.Parse($"m {text.Replace("+Inf", "Inf", StringComparison.Ordinal)}").Values[0]
        : new SequenceValue(GoFloat.Parse(text));
}
