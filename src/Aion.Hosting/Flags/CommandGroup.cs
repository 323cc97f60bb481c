namespace Aion.Hosting;

/// <summary>A group of commands such as <c>tools bucket</c>: its help, and flags that hold for all commands below it.</summary>
/// <param name="path">The group's words with single spaces.</param>
public sealed class CommandGroup(string path, string help)
{
    public string Path { get; } = path;

    public string Help { get; } = help;

    public FlagSet Flags { get; } = new();
}
