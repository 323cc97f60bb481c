using System.Text.Json;
using Aion.Testing;

namespace Aion.Tools.Tests;

public sealed class RulesCheckCommandTests
{
    /// <summary>Where the recorded ruler itself is wrong or links an older language; see RuleFileGoldenTests.</summary>
    private static readonly string[] Different = ["expr/duration-expr"];

    /// <summary>R10 of peer-faults.md: one parser for both, so the tool passes exactly what the ruler takes.</summary>
    [Fact]
    public async Task A_file_passes_exactly_where_the_ruler_takes_it()
    {
        List<string> wrong = [];
        int count = 0;
        foreach (JsonElement line in File.ReadLines(SharedFolder.Require("golden", "rule", "rule-files.jsonl")).Select(l => JsonDocument.Parse(l).RootElement))
        {
            string id = line.GetProperty("id").GetString()!;
            if (Different.Contains(id)) continue;
            count++;
            using TempDirectory temp = new();
            foreach (JsonProperty file in line.GetProperty("files").EnumerateObject())
            {
                Directory.CreateDirectory(Path.GetDirectoryName(temp.Combine(file.Name))!);
                File.WriteAllText(temp.Combine(file.Name), file.Value.GetString()!);
            }

            ToolRun run = await ToolProgram.RunAsync(["tools", "rules-check", .. line.GetProperty("rule_file").EnumerateArray().Select(p => $"--rules={temp.Path}/{p.GetString()}")]);

            // A pattern that finds nothing is an error of the tool alone.
            bool isGlob = id.StartsWith("glob/", StringComparison.Ordinal);
            bool passes = isGlob ? line.GetProperty("rules_check").GetProperty("exit_status").GetInt32() == 0 : line.GetProperty("start").GetProperty("accepted").GetBoolean();
            if (run.Status != (passes ? 0 : 1)) wrong.Add($"{id}: {run.Status} {run.Error}");
            if (!isGlob && passes != run.Error.Contains("result=SUCCESS", StringComparison.Ordinal) && line.GetProperty("files").EnumerateObject().Count() == 1) wrong.Add($"{id}: {run.Error}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(count > 250);
    }

    [Fact]
    public async Task Errors_name_file_line_and_column_and_what_is_ignored_is_a_warning()
    {
        using TempDirectory temp = new();
        File.WriteAllText(temp.Combine("a.yaml"), "namespace: x\ngroups:\n- name: g\n  rules:\n  - record: r\n    expr: 'sum('\n");

        ToolRun run = await ToolProgram.RunAsync(["tools", "rules-check", $"--rules={temp.Path}/*.yaml"]);

        Assert.Equal(1, run.Status);
        Assert.Contains("level=warn msg=\"1:1: field namespace is not known and ignored\"", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{temp.Path}/a.yaml: 6:11: group", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*.y?ml", "a.yaml")]
    [InlineData("[ab].y*", "a.yaml b.yml")]
    [InlineData("[^a].y*", "b.yml")]
    [InlineData("*/c.yaml", "sub/c.yaml")]
    [InlineData("sub/../a.yaml", "sub/../a.yaml")]
    [InlineData("[.yaml", "")]
    [InlineData("none", "")]
    public void Patterns_find_what_go_would_find(string pattern, string expected)
    {
        using TempDirectory temp = new();
        Directory.CreateDirectory(temp.Combine("sub"));
        foreach (string name in (string[])["a.yaml", "b.yml", "sub/c.yaml"]) File.WriteAllText(temp.Combine(name), "");

        IReadOnlyList<string> found = FileGlob.Find($"{temp.Path}/{pattern}");

        Assert.Equal(expected, string.Join(' ', found.Select(f => f[(temp.Path.Length + 1)..])));
    }
}
