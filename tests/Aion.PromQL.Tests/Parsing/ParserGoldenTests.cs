using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using Aion.Testing;

namespace Aion.PromQL.Tests;

/// <summary>The parser and the printers against what Prometheus's parser printed, with all features on and with a default server's options.</summary>
public sealed class ParserGoldenTests
{
    [Fact]
    public void Every_recorded_expression_parses_and_prints_as_in_Prometheus()
    {
        var failures = new SortedDictionary<int, string>();
        foreach (JsonElement line in ReadLines())
        {
            string expression = line.GetProperty("expr").GetString()!;
            JsonElement all = line.GetProperty("all");
            JsonElement standard = line.GetProperty("default");
            string? wrong = CheckMatch(line, expression)
                ?? Check(expression, all, ParserOptions.AllFeatures)
                ?? Check(expression, standard.ValueKind == JsonValueKind.String ? all : standard, ParserOptions.Default);
            if (wrong is not null) failures[line.GetProperty("id").GetInt32()] = $"{JsonSerializer.Serialize(expression)}: {wrong}";
        }

        var known = SharedFolder.ListBeside("known-failing-parser.txt").Concat(SharedFolder.ListBeside("deliberate-differences-parser.txt"))
            .Select(l => int.Parse(l.Split(' ', 2)[0], System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
        var unexpected = failures.Where(f => !known.Contains(f.Key)).Select(f => $"{f.Key} {f.Value}").ToList();
        var passing = known.Where(id => !failures.ContainsKey(id)).ToList();
        Assert.True(unexpected.Count == 0, $"{unexpected.Count} fail:\n{string.Join('\n', unexpected.Take(60))}");
        Assert.True(passing.Count == 0, $"pass but are listed: {string.Join(' ', passing)}");
    }

    [Fact]
    public void What_is_printed_parses_back_to_the_same()
    {
        foreach (JsonElement line in ReadLines())
        {
            string expression = line.GetProperty("expr").GetString()!;
            Expr tree;
            try
            {
                tree = PromQLParser.Parse(expression, ParserOptions.AllFeatures);
            }
            catch (PromQLParseException)
            {
                continue;
            }

            Assert.Equal(tree.ToString(), PromQLParser.Parse(tree.ToString(), ParserOptions.AllFeatures).ToString());
            Assert.Equal(tree.ToString(), PromQLParser.Parse(PromQLPrinter.Pretty(tree), ParserOptions.AllFeatures).ToString());
        }
    }

    private static IEnumerable<JsonElement> ReadLines()
    {
        foreach (string line in File.ReadLines(SharedFolder.Require("golden", "promql", "parser.jsonl")))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    private static string? Check(string expression, JsonElement expected, ParserOptions options)
    {
        Expr tree;
        try
        {
            tree = PromQLParser.Parse(expression, options);
        }
        catch (PromQLParseException e)
        {
            if (!expected.TryGetProperty("error", out JsonElement error)) return $"fails: {e.Message}";
            return Differ("error", error.GetString(), e.Message)
                ?? Differ("errors", ErrorsOf(expected), string.Join("; ", e.Errors.Select(x => $"{x.Message} {x.Position.Start}-{x.Position.End}")));
        }

        if (expected.TryGetProperty("error", out JsonElement missing)) return $"parses, but should fail: {missing}";
        return Differ("formatted", expected.GetProperty("formatted").GetString(), tree.ToString())
            ?? Differ("pretty", expected.GetProperty("pretty").GetString(), PromQLPrinter.Pretty(tree))
            ?? Differ("type", expected.GetProperty("type").GetString(), tree.Type.Name())
            ?? Differ("positions", PositionsOf(expected), string.Join(' ', PositionsOf(tree)))
            ?? DifferAsJson(expected, tree);
    }

    private static string? CheckMatch(JsonElement line, string expression)
    {
        if (!line.TryGetProperty("match", out JsonElement match)) return null;
        string expected = match.TryGetProperty("error", out JsonElement error)
            ? error.GetString()!
            : string.Join(' ', match.GetProperty("matchers").EnumerateArray().Select(m => $"{m[0]}{m[1]}{m[2]}"));
        string actual;
        try
        {
            actual = string.Join(' ', PromQLParser.ParseMetricSelector(expression).Select(m => Clean($"{m.Name}{m.Type.Text()}{m.Value}")));
        }
        catch (PromQLParseException e)
        {
            actual = e.Message;
        }

        return Differ("match", expected, actual);
    }

    private static string Clean(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string? Differ(string what, string? expected, string actual) =>
        expected == actual ? null : $"{what}\n    expected {expected}\n    actual   {actual}";

    private static string? DifferAsJson(JsonElement expected, Expr tree)
    {
        if (expected.TryGetProperty("ast_error", out _)) return null;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) PromQLJson.Write(writer, tree);
        string actual = Encoding.UTF8.GetString(buffer.ToArray());
        string wanted = expected.GetProperty("ast").GetRawText();
        return JsonNode.DeepEquals(JsonNode.Parse(wanted), JsonNode.Parse(actual)) ? null : $"ast\n    expected {wanted}\n    actual   {actual}";
    }

    private static string ErrorsOf(JsonElement expected) => string.Join(
        "; ", expected.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("msg")} {e.GetProperty("start")}-{e.GetProperty("end")}"));

    private static string PositionsOf(JsonElement expected) =>
        string.Join(' ', expected.GetProperty("positions").EnumerateArray().Select(p => $"{p[0]}:{p[1]}-{p[2]}"));

    private static IEnumerable<string> PositionsOf(Expr expr) =>
        expr.Children.SelectMany(PositionsOf).Prepend($"{expr.GetType().Name}:{expr.Position.Start}-{expr.Position.End}");
}
