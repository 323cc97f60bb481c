namespace Aion.Hosting;

/// <summary>Turns the flags a line uses into values: defaults, repetition, required flags, refusal of unsupported ones.</summary>
internal static class FlagReader
{
    /// <exception cref="FlagValueException">A value, a repetition or a missing flag.</exception>
    /// <exception cref="FlagSyntaxException">A flag that is declared as unsupported.</exception>
    public static ParsedFlags Read(CommandLine line)
    {
        List<Flag> known = [];
        for (CommandNode? node = line.Command; node is not null; node = node.Parent) known.InsertRange(0, node.Flags.Flags);

        Dictionary<Flag, object?> values = [];
        HashSet<Flag> given = [];
        foreach ((Flag flag, string text) in line.Uses)
        {
            if (flag.UnsupportedBecause is { } why) throw new FlagSyntaxException($"flag '--{flag.Name}' is not supported: {why}");
            if (!given.Add(flag) && !flag.IsRepeatable) throw new FlagValueException($"flag '{flag.Name}' cannot be repeated");
            values[flag] = flag.Add(values.GetValueOrDefault(flag), text);
        }

        if (line.Command.HasChildren && line.Command.Parent is not null)
            throw new FlagValueException($"must select a subcommand of '{line.Command.Path}'");

        List<string> missing = [.. known.Where(flag => flag.IsRequired && !given.Contains(flag)).Select(flag => $"'--{flag.Name}'")];
        if (missing.Count > 0) throw new FlagValueException($"required flag(s) {string.Join(", ", missing)} not provided");

        foreach (Flag flag in known)
        {
            if (given.Contains(flag)) continue;
            values[flag] = flag.Defaults.Aggregate(flag.Initial, flag.Add);
        }

        List<Flag> own = [];
        for (CommandNode? node = line.Command; node?.Parent is not null; node = node.Parent) own.InsertRange(0, node.Flags.Flags);
        return new ParsedFlags(values, given, own);
    }
}
