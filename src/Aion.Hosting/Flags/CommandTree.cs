namespace Aion.Hosting;

/// <summary>A word of the command line: the application, a group such as <c>tools bucket</c>, or a command that runs.</summary>
internal sealed class CommandNode(string name, CommandNode? parent)
{
    private readonly Dictionary<string, CommandNode> _byName = new(StringComparer.Ordinal);

    public string Name => name;

    public CommandNode? Parent => parent;

    /// <summary>Words from below the application to here, single spaces between them; "" for the application.</summary>
    public string Path { get; } = parent is null || parent.Path.Length == 0 ? name : $"{parent.Path} {name}";

    public string Help { get; set; } = "";

    /// <summary>Flags declared at this word.</summary>
    public FlagSet Flags { get; set; } = new();

    /// <summary>What runs; null for a group.</summary>
    public ComponentDefinition? Definition { get; set; }

    /// <summary>In order of declaration.</summary>
    public List<CommandNode> Children { get; } = [];

    public bool HasChildren => Children.Count > 0;

    public CommandNode? Child(string word) => _byName.GetValueOrDefault(word);

    public CommandNode ChildOrNew(string word)
    {
        if (_byName.TryGetValue(word, out CommandNode? child)) return child;
        child = new CommandNode(word, this);
        _byName.Add(word, child);
        Children.Add(child);
        return child;
    }

    /// <summary>The commands at or below this word that run, depth first in order of declaration.</summary>
    public IEnumerable<CommandNode> Leaves() => HasChildren ? Children.SelectMany(child => child.Leaves()) : [this];
}
