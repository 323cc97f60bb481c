using System.Text;

namespace Aion.Hosting;

/// <summary>Usage and help: summary line, help text, flags in two columns in order of declaration, commands with their help indented.</summary>
internal static class HelpText
{
    private const int DefaultWidth = 80;

    /// <summary>Longer left cells than this stand on a line of their own.</summary>
    private const int MaxLeft = 30;

    /// <param name="program">Name the program was started by.</param>
    /// <param name="command">Selected command or group; the application for none.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static string Of(string program, CommandNode command, int width)
    {
        StringBuilder text = new();
        bool isApplication = command.Parent is null;
        text.Append("usage: ").Append(program).Append(isApplication ? "" : " " + command.Path).Append(Summary(command));
        if (command.HasChildren) text.Append(" <command> [<args> ...]");
        text.Append("\n\n");
        if (command.Help.Length > 0) text.Append(Wrap(command.Help, 0, width)).Append("\n\n");
        AppendFlags(text, command, width);
        if (command.HasChildren)
        {
            text.Append(isApplication ? "Commands:\n" : "Subcommands:\n");
            foreach (CommandNode leaf in command.Leaves())
                text.Append(leaf.Path).Append(Summary(leaf)).Append('\n').Append(Wrap(leaf.Help, 4, width)).Append("\n\n");
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>The application's help followed by every command's flags.</summary>
    public static string Long(string program, CommandNode application, int width)
    {
        StringBuilder text = new(Of(program, application, width));
        foreach (CommandNode leaf in application.Leaves().Where(leaf => leaf.Flags.Flags.Count > 0))
        {
            text.Append('\n').Append(leaf.Path).Append(Summary(leaf)).Append('\n').Append(Wrap(leaf.Help, 4, width)).Append("\n\n");
            AppendRows(text, leaf.Flags.Flags, width);
        }

        return text.ToString();
    }

    /// <summary>Width from <c>COLUMNS</c>, or 80.</summary>
    public static int Width(string? columns) =>
        int.TryParse(columns, System.Globalization.CultureInfo.InvariantCulture, out int width) && width > 40 ? width : DefaultWidth;

    private static string Summary(CommandNode command)
    {
        if (command.Definition is null && command.Name == CommandParser.HelpCommand) return " [<command>...]";
        StringBuilder text = new();
        bool hasOptional = command.Parent is null;
        for (CommandNode? node = command; node?.Parent is not null; node = node.Parent)
        {
            foreach (Flag flag in node.Flags.Flags)
            {
                if (flag.IsRequired) text.Append($" --{flag.Name}={flag.PlaceHolder()}");
                else if (!flag.IsHidden) hasOptional = true;
            }
        }

        return hasOptional ? text.Append(" [<flags>]").ToString() : text.ToString();
    }

    private static void AppendFlags(StringBuilder text, CommandNode command, int width)
    {
        List<Flag> flags = [];
        for (CommandNode? node = command; node is not null; node = node.Parent) flags.InsertRange(0, node.Flags.Flags);
        text.Append("Flags:\n");
        AppendRows(text, flags, width);
        text.Append('\n');
    }

    private static void AppendRows(StringBuilder text, IEnumerable<Flag> flags, int width)
    {
        List<Flag> shown = [.. flags.Where(flag => !flag.IsHidden)];
        string pad = shown.Any(flag => flag.Short != '\0') ? "    " : "";
        List<(string Left, string Right)> rows = [.. shown.Select(flag => ((flag.Short == '\0' ? pad : "") + flag.Usage(), flag.Help))];
        int left = rows.Select(row => row.Left.Length).Where(length => length < MaxLeft).DefaultIfEmpty(0).Max();
        int indent = left + 4;
        foreach ((string usage, string help) in rows)
        {
            text.Append("  ").Append(usage);
            if (usage.Length >= MaxLeft) text.Append('\n').Append(' ', indent);
            else text.Append(' ', indent - 2 - usage.Length);
            text.Append(Wrap(help, indent, width).TrimStart()).Append('\n');
        }
    }

    private static string Wrap(string text, int indent, int width)
    {
        StringBuilder wrapped = new();
        int column = int.MaxValue;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > width - 1 - word.Length)
            {
                if (wrapped.Length > 0) wrapped.Append('\n');
                wrapped.Append(' ', indent).Append(word);
                column = indent + word.Length;
            }
            else
            {
                wrapped.Append(' ').Append(word);
                column += 1 + word.Length;
            }
        }

        return wrapped.ToString();
    }
}
