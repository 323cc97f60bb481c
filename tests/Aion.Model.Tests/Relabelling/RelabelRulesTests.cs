using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Aion.Model.Tests;

public sealed class RelabelRulesTests
{
    [Fact]
    public void Rules_do_what_they_do_upstream()
    {
        Labels[] inputs = [.. GoldenLines.OfKind("labels", "write", "relabel.jsonl").OrderBy(l => l.GetProperty("id").GetInt32()).Select(l => ToLabels(l.GetProperty("labels")))];
        var read = 0;
        GoldenLines.AssertAll(GoldenLines.OfKind("case", "write", "relabel.jsonl"), line =>
        {
            string? error = line.Text("error");
            // What the YAML reader refuses is not decided here.
            if (error is not null && (error.Contains("yaml:", StringComparison.Ordinal) || error.StartsWith("PANIC", StringComparison.Ordinal))) return null;
            RelabelConfig[]? configs;
            string? actualError = null;
            try
            {
                configs = Read(line.Text("yaml")!);
            }
            catch (FormatException e)
            {
                (configs, actualError) = ([], e.Message);
            }

            if (configs is null) return null;
            read++;
            RelabelRules rules = RelabelRules.None;
            try
            {
                rules = RelabelRules.Compile(configs);
            }
            catch (FormatException e)
            {
                actualError = e.Message;
            }

            if (error is not null) return actualError is not null && actualError.EndsWith(error[(error.IndexOf(": ", StringComparison.Ordinal) + 2)..], StringComparison.Ordinal) ? null : actualError ?? "accepted";
            return actualError ?? Compare(rules, inputs, line.GetProperty("results"));
        });
        Assert.True(read > 210, $"only {read} cases could be read");
    }

    [Fact]
    public void An_error_names_the_rule_and_the_field()
    {
        RelabelConfig good = new() { TargetLabel = "a" };

        var field = Assert.Throws<FormatException>(() => RelabelRules.Compile([good, new() { Action = RelabelAction.HashMod, TargetLabel = "b" }]));
        var regex = Assert.Throws<FormatException>(() => RelabelRules.Compile([good, good, good with { Regex = "(" }]));

        Assert.Equal("relabel rule 2: relabel configuration for hashmod requires non-zero modulus", field.Message);
        Assert.Equal("relabel rule 3: regex: error parsing regexp: missing closing ): `^(?s:()$`", regex.Message);
    }

    [Theory]
    [InlineData("a)|(s", "${0}x", "as", "axsx")]
    [InlineData("a)|(s", "[$0]", "abs", "[a]b[s]")]
    [InlineData("a)|(", "-", "ab", "-b-")]
    [InlineData("(.*)b(.*)", "$2$1", "abc", "ca")]
    [InlineData("", "x", "", "x")]
    public void All_matches_are_replaced(string pattern, string template, string value, string expected)
    {
        var target = new ArrayBufferWriter<byte>();

        ReplacingRegex.Parse(pattern).ReplaceAll(Encoding.UTF8.GetBytes(value), RegexTemplate.Parse(template), target);

        Assert.Equal(expected, Encoding.UTF8.GetString(target.WrittenSpan));
    }

    [Theory]
    [InlineData("İıſK", "iıſk", "İISK")]
    [InlineData("ǅßΣς", "ǆßσς", "ǄßΣΣ")]
    public void Case_is_mapped_rune_by_rune(string text, string lower, string upper)
    {
        Assert.Equal(lower, Apply(RelabelAction.Lowercase, text));
        Assert.Equal(upper, Apply(RelabelAction.Uppercase, text));
    }

    private static string? Apply(RelabelAction action, string text) =>
        RelabelRules.Compile([new() { Action = action, SourceLabels = ["a"], TargetLabel = "b" }]).Apply(Labels.Of("a", text))!.GetValueOrNull("b");

    private static string? Compare(RelabelRules rules, Labels[] inputs, JsonElement results)
    {
        for (var i = 0; i < inputs.Length; i++)
        {
            Labels? actual = rules.Apply(inputs[i]);
            Labels? expected = results[i].ValueKind == JsonValueKind.Null ? null : ToLabels(results[i]);
            if (actual != expected) return $"input {i}: {actual?.ToString() ?? "dropped"}, expected {expected?.ToString() ?? "dropped"}";
        }

        return null;
    }

    private static Labels ToLabels(JsonElement pairs)
    {
        var builder = new LabelsBuilder();
        foreach (JsonElement pair in pairs.EnumerateArray()) builder.Add(pair[0].GetString()!, pair[1].GetString()!);
        return builder.ToLabels();
    }

    /// <summary>Enough YAML for the recordings; null for documents this reader does not take (duplicate keys).</summary>
    private static RelabelConfig[]? Read(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException)
        {
            return null;
        }

        if (stream.Documents.Count == 0 || stream.Documents[0].RootNode is not YamlSequenceNode rules) return [];
        return [.. rules.Children.Cast<YamlMappingNode>().Select(ReadRule)];
    }

    private static RelabelConfig ReadRule(YamlMappingNode rule)
    {
        var config = new RelabelConfig();
        foreach (var (key, value) in rule.Children)
        {
            bool isNull = value is YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "~" or "" };
            // A null empties a text field; it does not leave the default.
            string text = isNull ? "" : (value as YamlScalarNode)?.Value ?? "";
            string name = ((YamlScalarNode)key).Value!;
            config = (name, isNull) switch
            {
                ("source_labels", _) => config with { SourceLabels = isNull ? null : [.. ((YamlSequenceNode)value).Children.Select(n => ((YamlScalarNode)n).Value!)] },
                ("regex", _) => config with { Regex = text },
                ("action", true) => throw new FormatException("relabel action cannot be empty"),
                ("action", _) => config with { Action = RelabelConfig.ParseAction(text) },
                ("separator", _) => config with { Separator = text },
                ("target_label", _) => config with { TargetLabel = text },
                ("replacement", _) => config with { Replacement = text },
                ("modulus", _) => config with { Modulus = ReadModulus(text) },
                _ => config,
            };
        }

        return config;
    }

    private static ulong ReadModulus(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : ulong.TryParse(text, CultureInfo.InvariantCulture, out ulong whole) ? whole : (ulong)double.Parse(text, CultureInfo.InvariantCulture);
}
