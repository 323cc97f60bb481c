using System.Text.Json;
using Aion.Model;
using Aion.Testing;

namespace Aion.Blocks.Tests;

public sealed class RelabelFileTests
{
    /// <summary>Upstream cuts a fraction off a modulus, reads over unknown fields and takes the last of a field given twice; here they are errors.</summary>
    private static readonly string[] RefusedHere = ["field modulus must be a whole number", "is not known", "Duplicate key"];

    [Fact]
    public void Recorded_configurations_are_read_refused_and_applied_alike()
    {
        var wrong = new List<string>();
        List<JsonElement> lines = [.. File.ReadLines(SharedFolder.Require("golden", "write", "relabel.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)];
        Labels[] inputs = [.. lines.Where(l => l.GetProperty("kind").GetString() == "labels").Select(l => LabelsOf(l.GetProperty("labels")))];
        foreach (JsonElement line in lines.Where(l => l.GetProperty("kind").GetString() == "case"))
        {
            string yaml = line.GetProperty("yaml").GetString()!;
            if (IsNull(line, "error") && ErrorOf(yaml) is { } error && RefusedHere.Any(r => error.Contains(r, StringComparison.Ordinal))) continue;
            // A tab in front of a list is an error of their YAML reader only; what is meant is clear.
            if (yaml[..Math.Min(1, yaml.Length)] == "\t") continue;
            Check(wrong, yaml, "rules", IsNull(line, "error"), () => RelabelRules.Compile(RelabelFile.Parse(yaml)));
            Check(wrong, yaml, "selector", IsNull(line, "selector_error"), () => RelabelFile.ParseSelector(yaml));
            if (!IsNull(line, "error")) continue;
            RelabelRules rules = RelabelRules.Compile(RelabelFile.Parse(yaml));
            for (var i = 0; i < inputs.Length; i++)
            {
                JsonElement result = line.GetProperty("results")[i];
                Labels? expected = result.ValueKind == JsonValueKind.Null ? null : LabelsOf(result);
                if (rules.Apply(inputs[i]) is var actual && !Equals(actual, expected)) wrong.Add($"{yaml}: input {i}: {actual} instead of {expected}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task A_selector_keeps_blocks_by_external_labels_and_id()
    {
        BlockMeta a = TestBlocks.Meta(1, 1), b = TestBlocks.Meta(2, 2);
        BlockSelection selection = TestBlocks.Select(DateTimeOffset.UnixEpoch, a, b);
        RelabelRules rules = RelabelFile.ParseSelector($"- action: keep\n  source_labels: [replica, __block_id]\n  regex: a;{b.Id}\n");

        await new SelectorFilter(rules).ApplyAsync(selection, CancellationToken.None);

        Assert.Equal([b.Id], selection.Metas.Keys);
        Assert.Equal(1, selection.Removed[BlockState.LabelExcluded]);
    }

    private static string? ErrorOf(string yaml)
    {
        try
        {
            RelabelFile.Parse(yaml);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    private static void Check(List<string> wrong, string yaml, string what, bool isRight, Action read)
    {
        try
        {
            read();
            if (!isRight) wrong.Add($"{yaml}: {what}: must be refused");
        }
        catch (FormatException e)
        {
            if (isRight) wrong.Add($"{yaml}: {what}: {e.Message}");
        }
    }

    private static bool IsNull(JsonElement line, string field) => line.GetProperty(field).ValueKind == JsonValueKind.Null;

    private static Labels LabelsOf(JsonElement pairs)
    {
        var builder = new LabelsBuilder();
        foreach (JsonElement pair in pairs.EnumerateArray()) builder.Set(pair[0].GetString()!, pair[1].GetString()!);
        return builder.ToLabels();
    }
}
