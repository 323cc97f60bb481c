using System.Text;
using Aion.Hosting;
using Aion.Testing;

namespace Aion.Tests;

/// <summary>The flag tables of docs/compatibility.md are those of the program; AION_UPDATE_DOCS=1 writes them anew.</summary>
public sealed class CompatibilityPageTests
{
    private const string Begin = "<!-- flags: written by CompatibilityPageTests -->";
    private const string End = "<!-- end of flags -->";

    private static readonly string Page = Path.Combine(SharedFolder.RepositoryRoot, "docs", "compatibility.md");

    [Fact]
    public void The_flag_tables_are_those_of_the_program()
    {
        string text = File.ReadAllText(Page);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal), end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= 0 && end > begin, $"{Page} lacks the marks around its flag tables");
        string expected = Tables();
        if (Environment.GetEnvironmentVariable("AION_UPDATE_DOCS") == "1")
            File.WriteAllText(Page, string.Concat(text.AsSpan(0, begin + Begin.Length), "\n", expected, text.AsSpan(end)));
        else
            Assert.Equal(expected, text[(begin + Begin.Length + 1)..end]);
    }

    [Fact]
    public void Commands_that_are_refused_are_on_the_page()
    {
        string text = File.ReadAllText(Page);

        Assert.All(NotBuilt.Commands, c => Assert.Contains($"`{c}`", text, StringComparison.Ordinal));
    }

    private static string Tables()
    {
        var tables = new StringBuilder();
        foreach (CommandGroup group in Commands.Groups.Where(g => g.Flags.Flags.Count > 0)) Append(tables, group.Path + " …", group.Flags);
        foreach (ComponentDefinition command in Commands.All) Append(tables, command.Command, command.Flags);
        return tables.Append('\n').ToString();
    }

    private static void Append(StringBuilder tables, string command, FlagSet flags)
    {
        tables.Append("\n### `aion ").Append(command).Append("`\n\n| flag | status |\n|---|---|\n");
        foreach (Flag flag in flags.Flags)
        {
            string status = flag.UnsupportedBecause is { } why ? $"refused: {why}" : flag.IsHidden ? "honoured, hidden in help" : "honoured";
            tables.Append("| `--").Append(flag.Name).Append("` | ").Append(status).Append(" |\n");
        }
    }
}
