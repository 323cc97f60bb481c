using System.Text.Json;
using Aion.Testing;

namespace Aion.Tools.Tests;

/// <summary>A recorded run of the real tools; golden/tsdb/README.md says what the fields are.</summary>
public sealed record GoldenCase(int Number, JsonElement Json)
{
    public string Name => Json.GetProperty("name").GetString()!;

    public IReadOnlyList<string> Arguments => Texts(Json.GetProperty("args"));

    public int ExitStatus => Json.GetProperty("exitStatus").GetInt32();

    public string Output => Json.GetProperty("stdout").GetString()!;

    public string Error => Json.GetProperty("stderr").GetString()!;

    public IReadOnlyList<string> Added => Texts(Json.GetProperty("bucketAdded"));

    public IReadOnlyList<string> Removed => Texts(Json.GetProperty("bucketRemoved"));

    public IReadOnlyList<string>? Backup => Json.TryGetProperty("backup", out JsonElement backup) ? Texts(backup) : null;

    /// <summary>Runs that came before this one on the same bucket.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Before =>
        Json.TryGetProperty("before", out JsonElement before) ? [.. before.EnumerateArray().Select(run => Texts(run.GetProperty("args")))] : [];

    /// <summary>What marks say, by key; their times are those of the recording.</summary>
    public IReadOnlyDictionary<string, string>? DeletionMarks => Json.TryGetProperty("deletionMarks", out JsonElement marks)
        ? marks.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetProperty("details").GetString()!)
        : null;

    public static IReadOnlyList<GoldenCase> All { get; } = Load();

    public override string ToString() => $"{Number} {Name}";

    private static IReadOnlyList<GoldenCase> Load()
    {
        string path = Path.Combine(SharedFolder.Root, "golden", "tsdb", "tools", "cases.jsonl");
        if (!File.Exists(path)) return [];
        return [.. File.ReadLines(path).Select((line, i) => new GoldenCase(i, JsonDocument.Parse(line).RootElement.Clone()))];
    }

    private static List<string> Texts(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetString()!)];
}
