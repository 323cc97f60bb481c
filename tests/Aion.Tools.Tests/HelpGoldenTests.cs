using System.Text.Json;
using Aion.Hosting;
using Aion.Testing;

namespace Aion.Tools.Tests;

/// <summary>Every flag that the real tools show is there with the same form and default, or refused by name (golden/wire/help).</summary>
public sealed class HelpGoldenTests
{
    public static TheoryData<string> CommandNames => [.. ToolCommands.All.Select(c => c.Command).Where(c => c != "tools bucket plan")];

    [Theory]
    [MemberData(nameof(CommandNames))]
    public async Task Flags_are_those_of_the_original(string command)
    {
        string file = SharedFolder.Require("golden", "wire", "help", command.Replace(' ', '-') + ".jsonl");
        ToolRun help = await ToolProgram.RunAsync([.. command.Split(' '), "--help"]);
        ToolRun usage = await ToolProgram.RunAsync([.. command.Split(' '), "--no-such-flag"]);
        Assert.Equal(0, help.Status);
        Assert.Contains("unknown long flag '--no-such-flag'", usage.Error, StringComparison.Ordinal);
        ComponentDefinition definition = ToolCommands.All.Single(c => c.Command == command);
        HashSet<string> refused = [.. definition.Flags.Flags.Where(f => f.UnsupportedBecause is not null).Select(f => f.Name)];
        string[] global = ["tracing.config-file", "tracing.config", "enable-auto-gomemlimit", "auto-gomemlimit.ratio"];

        List<string> missing = [];
        foreach (JsonElement line in File.ReadLines(file).Select(l => JsonDocument.Parse(l).RootElement))
        {
            if (!line.TryGetProperty("flag", out JsonElement flag) || flag.GetString() is not { } name) continue;
            if (line.GetProperty("hidden").GetBoolean() || refused.Contains(name) || global.Contains(name)) continue;
            // The temporary folder is the machine's.
            string shown = line.GetProperty("shown_as").GetString()!;
            string form = name == "tmp.dir" ? "--tmp.dir=" : shown;
            if (!help.Error.Contains(form, StringComparison.Ordinal)) missing.Add(shown);
        }

        Assert.True(missing.Count == 0, $"{string.Join(", ", missing)}\n{help.Error}");
    }

    [Theory]
    [InlineData("tools")]
    [InlineData("tools bucket")]
    public async Task A_group_alone_asks_for_a_command(string group)
    {
        ToolRun run = await ToolProgram.RunAsync(group.Split(' '));

        Assert.Equal(2, run.Status);
        Assert.Contains($"must select a subcommand of '{group}'", run.Error, StringComparison.Ordinal);
    }
}
