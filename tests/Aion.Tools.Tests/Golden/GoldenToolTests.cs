using System.Text.Json;
using System.Text.RegularExpressions;
using Aion.Testing;

namespace Aion.Tools.Tests;

/// <summary>
/// The 75 recorded runs of the real tools (golden/tsdb/tools): exit status, standard output, message texts of the log, and what
/// changed in the buckets. Cases that do not agree yet stand in known-failing-tools.txt.
/// </summary>
public sealed partial class GoldenToolTests
{
    private static readonly IReadOnlyList<string> KnownFailing = SharedFolder.ListBeside("known-failing-tools.txt");

    /// <summary>Where ours is right and the recording shows a fault of the original; each has a test of its own.</summary>
    private static readonly Dictionary<string, string> Faults = new()
    {
        ["mark unknown block"] = "C11: marking a block that is not there made a partial block",
        ["verify duplicated repair"] = "C11: a block that was deleted is marked afterwards, which leaves a partial block",
        ["rewrite delete part of histogram"] = "D6: deleting a part of a native histogram series panicked",
    };

    public static TheoryData<int, string> Cases
    {
        get
        {
            TheoryData<int, string> data = [];
            foreach (GoldenCase c in GoldenCase.All.Where(c => !Faults.ContainsKey(c.Name))) data.Add(c.Number, c.Name);
            if (data.Count == 0) data.Add(-1, "none");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_run_does_what_the_real_tool_did(int number, string name)
    {
        SharedFolder.Require("golden", "tsdb", "tools");
        GoldenCase golden = GoldenCase.All[number];
        List<string> differences = await DifferencesAsync(golden);
        bool listed = KnownFailing.Contains(name);
        if (listed) Assert.True(differences.Count > 0, $"{name} agrees now: take it off known-failing-tools.txt");
        else Assert.True(differences.Count == 0, $"{golden}\n{string.Join("\n", differences)}");
    }

    [Fact]
    public void Listed_cases_exist()
    {
        SharedFolder.Require("golden", "tsdb", "tools");
        Assert.All(KnownFailing, name => Assert.Contains(GoldenCase.All, c => c.Name == name));
    }

    private static async Task<List<string>> DifferencesAsync(GoldenCase golden)
    {
        using GoldenStage stage = new(withBlocks: !golden.Name.EndsWith(" empty", StringComparison.Ordinal) && !golden.Name.StartsWith("upload", StringComparison.Ordinal));
        await GoldenScript.PrepareAsync(stage, golden);
        IReadOnlyList<string> before = GoldenStage.Files(stage.Bucket);

        ToolRun run = await stage.RunAsync(golden.Arguments);

        IReadOnlyList<string> after = GoldenStage.Files(stage.Bucket);
        List<string> differences = [];
        Compare("exit status", [golden.ExitStatus.ToString()], [run.Status.ToString()]);
        Compare("stdout", Lines(golden.Output, golden.Name), Lines(run.Output, golden.Name));
        List<string> messages = [.. Messages(golden.Error)];
        Compare("messages", messages, Messages(run.Error).Where(m => !IsOurs(m)).Select(m => SameCause(m, messages)));
        Compare("added", golden.Added.Select(stage.Known), after.Except(before).Select(stage.Known));
        Compare("removed", golden.Removed.Select(stage.Known), before.Except(after).Select(stage.Known));
        if (golden.Backup is { } backup) Compare("backup", backup, GoldenStage.Files(stage.Backup));
        if (golden.DeletionMarks is { } marks) Compare("marks", marks.Select(m => $"{m.Key}: {m.Value}").Order(), Marks(stage, after));
        if (differences.Count > 0) differences.Add(run.Error);
        return differences;

        void Compare(string what, IEnumerable<string> expected, IEnumerable<string> actual)
        {
            string[] wanted = [.. expected], got = [.. actual];
            if (wanted.SequenceEqual(got)) return;
            string missing = string.Join("\n    ", wanted.Except(got)), surplus = string.Join("\n    ", got.Except(wanted));
            differences.Add($"{what}:\n  missing\n    {missing}\n  surplus\n    {surplus}");
        }
    }

    private static IEnumerable<string> Marks(GoldenStage stage, IReadOnlyList<string> files) =>
        from file in files
        where file.EndsWith("/deletion-mark.json", StringComparison.Ordinal)
        let json = JsonDocument.Parse(File.ReadAllText(Path.Combine(stage.Bucket, file))).RootElement
        select $"{file}: {(json.TryGetProperty("details", out JsonElement details) ? details.GetString() : "")}";

    /// <summary>Blocks come in no order from the original's ls; a meta.json is one record.</summary>
    private static IEnumerable<string> Lines(string output, string name)
    {
        if (!name.StartsWith("ls", StringComparison.Ordinal)) return [output];
        IEnumerable<string> records = name == "ls -o json"
            // A time here has 100 ns, the original's 1 ns.
            ? UploadTime().Replace(output, m => m.Groups[1].Value.TrimEnd('0') + "Z").Split("}\n{")
            : output.Split('\n');
        return records.Select(r => r.Trim('{', '}', '\n')).Order(StringComparer.Ordinal);
    }

    /// <summary>Level and message of each line; of an error line its cause. Where a tool walks over maps the order is free.</summary>
    private static IEnumerable<string> Messages(string error)
    {
        if (error.StartsWith("usage:", StringComparison.Ordinal))
            return [error.TrimEnd('\n').Split('\n')[^1].Split("]: ")[^1]];
        return error.Split('\n').Where(line => line.Length > 0).Select(Message).Order(StringComparer.Ordinal);
    }

    /// <summary>Lines that the original lacks: why a block is partial, and what it promises a dry run to tell.</summary>
    private static bool IsOurs(string message) =>
        message.EndsWith("is taken as partial", StringComparison.Ordinal) || message.StartsWith("info: Deleted {", StringComparison.Ordinal)
        || message.StartsWith("info: Relabelled {", StringComparison.Ordinal);

    /// <summary>An error of ours may say more around the original's words.</summary>
    private static string SameCause(string message, List<string> golden) =>
        message.StartsWith("error: ", StringComparison.Ordinal)
            ? golden.Find(g => g.StartsWith("error: ", StringComparison.Ordinal) && message.Contains(g["error: ".Length..], StringComparison.Ordinal)) ?? message
            : message;

    private static string Message(string line)
    {
        string level = Level().Match(line).Groups[1].Value;
        Match message = MessageField().Match(line);
        if (message.Success) return $"{level}: {message.Groups[1].Value.Trim('"')}";
        Match cause = ErrField().Match(line);
        // Where the original points to its documentation ours has nothing to point to.
        return cause.Success ? $"{level}: {cause.Groups[1].Value.Split("; see https")[0]}" : line;
    }

    [GeneratedRegex(@"(\.[0-9]{1,7})[0-9]*Z")]
    private static partial Regex UploadTime();

    [GeneratedRegex("level=([a-z]+)")]
    private static partial Regex Level();

    [GeneratedRegex("""msg=("(?:[^"\\]|\\.)*"|[^ ]+)""")]
    private static partial Regex MessageField();

    // Up to the first line end within the text.
    [GeneratedRegex("""err="((?:[^"\\]|\\[^n])*)""")]
    private static partial Regex ErrField();
}
