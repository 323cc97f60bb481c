namespace Aion.Hosting;

/// <summary>The values of one parsed command line. Immutable; safe to share.</summary>
public sealed class ParsedFlags
{
    private readonly IReadOnlyDictionary<Flag, object?> _values;
    private readonly IReadOnlySet<Flag> _given;
    private readonly IReadOnlyList<Flag> _own;

    internal ParsedFlags(IReadOnlyDictionary<Flag, object?> values, IReadOnlySet<Flag> given, IReadOnlyList<Flag> own)
    {
        _values = values;
        _given = given;
        _own = own;
    }

    /// <summary>The flag's value: the user's, else the default, else the type's zero (empty text, empty list, 0, false).</summary>
    public T Get<T>(Flag<T> flag) =>
        _values.TryGetValue(flag, out object? value)
            ? (T)value!
            : throw new ArgumentException($"flag --{flag.Name} is not of the selected command");

    /// <summary>Whether the user gave the flag on the command line.</summary>
    public bool IsGiven(Flag flag) => _given.Contains(flag);

    /// <summary>The command's own flags with their values as text, in order of declaration; global flags are left out.</summary>
    /// <remarks>What <c>/api/v1/status/flags</c> shows; bucket configurations are masked.</remarks>
    public IEnumerable<KeyValuePair<string, string>> Texts()
    {
        foreach (Flag flag in _own)
        {
            if (flag.UnsupportedBecause is not null) continue;
            bool isSecret = flag.Name is "objstore.config" or "objstore.config-file";
            yield return new(flag.Name, isSecret ? "<REDACTED>" : flag.Print(_values[flag]));
        }
    }
}
