namespace Aion;

/// <summary>Thanos's commands that do not exist here yet. They are refused by name, so that nobody takes silence for success.</summary>
internal static class NotBuilt
{
    public static IReadOnlyList<string> Commands { get; } = ["receive", "rule", "query-frontend"];

    /// <summary>The refused command of a command line, or null when it names none or names a known command first.</summary>
    public static string? In(IReadOnlyList<string> arguments, IEnumerable<string> known)
    {
        var names = known.ToHashSet();
        foreach (string argument in arguments)
        {
            if (names.Contains(argument) || argument == "help") return null;
            if (Commands.Contains(argument)) return argument;
        }

        return null;
    }
}
