using System.Text.Json;
using Aion.Testing;

namespace Aion.Rules.Tests;

/// <summary>Which templates a rule file may hold (golden/rule/templates.jsonl, field parse_test_error).</summary>
public sealed class TemplateGoldenTests
{
    [Fact]
    public void Templates_of_alerts_are_taken_and_refused_with_the_recorded_words()
    {
        List<string> wrong = [];
        int count = 0;
        foreach (JsonElement line in File.ReadLines(SharedFolder.Require("golden", "rule", "templates.jsonl")).Skip(1).Select(l => JsonDocument.Parse(l).RootElement))
        {
            if (!line.TryGetProperty("with_alert_variables", out JsonElement with) || !with.GetBoolean()) continue;
            count++;
            string text = line.GetProperty("text").GetString()!;
            string? expected = line.TryGetProperty("parse_test_error", out JsonElement error) ? error.GetString() : null;
            string yaml = $"groups: [{{name: g, rules: [{{alert: A, expr: x, annotations: {{a: {JsonSerializer.Serialize(text)}}}}}]}}]";
            string? actual = RuleFileParser.Parse(yaml, PromQL.ParserOptions.Default).Errors.FirstOrDefault()?.Message;
            bool same = string.IsNullOrEmpty(expected) ? actual is null : actual?.EndsWith(expected, StringComparison.Ordinal) == true;
            if (!same) wrong.Add($"{text}: {actual ?? "taken"} instead of {expected ?? "taken"}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(count > 100);
    }
}
