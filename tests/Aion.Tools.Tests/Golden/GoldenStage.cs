using System.Text.Json;
using System.Text.RegularExpressions;
using Aion.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Tools.Tests;

/// <summary>The folder that recorded runs happen in: a copy of the golden bucket, configurations, a backup bucket.</summary>
internal sealed partial class GoldenStage : IDisposable
{
    private static readonly string[] Relative = ["bucket.yml", "backup.yml", "tmp", "blocks", "nowhere", "DIR/blocks"];

    private readonly TempDirectory _temp = new();
    private readonly string _golden = SharedFolder.Require("golden", "tsdb", "tools");

    public GoldenStage(bool withBlocks = true)
    {
        if (withBlocks) _temp.CopyOf(Path.Combine(_golden, "bucket"), "bucket");
        else Directory.CreateDirectory(Bucket);
        Directory.CreateDirectory(Backup);
        File.WriteAllText(_temp.Combine("bucket.yml"), $"type: FILESYSTEM\nconfig:\n  directory: {Bucket}\n");
        File.WriteAllText(_temp.Combine("backup.yml"), $"type: FILESYSTEM\nconfig:\n  directory: {Backup}\n");
        using JsonDocument ids = JsonDocument.Parse(File.ReadAllText(Path.Combine(_golden, "ids.json")));
        Ids = ids.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
    }

    public FakeTimeProvider Time { get; } = new(ToolProgram.GoldenNow);

    public string Folder => _temp.Path;

    public string Bucket => _temp.Combine("bucket");

    public string Backup => _temp.Combine("backup");

    /// <summary>Names of the golden blocks: A0, A1, B0, B2, C.</summary>
    public IReadOnlyDictionary<string, string> Ids { get; }

    public string Block(string name) => Path.Combine(Bucket, Ids[name]);

    public async Task<ToolRun> RunAsync(IReadOnlyList<string> arguments)
    {
        ToolRun run = await ToolProgram.RunAsync([.. arguments.Select(Placed)], Time);
        return run with { Error = run.Error.Replace(_temp.Path + "/", "", StringComparison.Ordinal) };
    }

    /// <summary>Files of a bucket with their names' ULIDs of this run's making replaced.</summary>
    public static IReadOnlyList<string> Files(string bucket) =>
        [.. Directory.EnumerateFiles(bucket, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(bucket, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>ULIDs that are none of the golden bucket's become NEW.</summary>
    public string Known(string text) => Ulid().Replace(text, m => Ids.Values.Contains(m.Value) || m.Value.StartsWith("01AAAA", StringComparison.Ordinal) ? m.Value : "NEW");

    public static void FlipBit(string file, int offset)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes[offset] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    /// <summary>Puts a copy of a block under another name, its meta.json renamed, its sources kept.</summary>
    public void Duplicate(string name)
    {
        string id = Ids[name], other = id[..^1] + (id[^1] == '0' ? '1' : '0');
        _temp.CopyOf(Block(name), Path.Combine("bucket", other));
        string meta = Path.Combine(Bucket, other, "meta.json");
        File.WriteAllText(meta, File.ReadAllText(meta).Replace($"\"ulid\": \"{id}\"", $"\"ulid\": \"{other}\"", StringComparison.Ordinal));
    }

    public void Dispose() => _temp.Dispose();

    /// <summary>The argument with paths of this stage.</summary>
    private string Placed(string argument)
    {
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        if (!argument.StartsWith("--", StringComparison.Ordinal) || equals < 0) return argument;
        string value = argument[(equals + 1)..];
        if (value.StartsWith("rewrite-", StringComparison.Ordinal)) return $"{argument[..equals]}={Path.Combine(_golden, value)}";
        if (!Relative.Contains(value)) return argument;
        if (value.EndsWith("blocks", StringComparison.Ordinal) && !Directory.Exists(_temp.Combine("blocks")))
            _temp.CopyOf(Path.Combine(_golden, "bucket", Ids["A0"]), Path.Combine("blocks", Ids["A0"]));
        return $"{argument[..equals]}={_temp.Combine(value.Replace("DIR/", "", StringComparison.Ordinal))}";
    }

    [GeneratedRegex("01[0-9A-HJKMNP-TV-Z]{24}")]
    private static partial Regex Ulid();
}
