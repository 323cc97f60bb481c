using System.Globalization;
using System.Text;
using Aion.Model;

namespace Aion.Hosting;

/// <summary>One declared command-line flag. Immutable once its command is declared; values live in <see cref="ParsedFlags"/>.</summary>
public abstract class Flag
{
    private protected Flag(FlagText text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text.Name);
        Text = text;
    }

    /// <summary>Name without the leading dashes, in upstream's spelling.</summary>
    public string Name => Text.Name;

    public string Help => Text.Help;

    /// <summary>Accepted, but left out of <c>--help</c>.</summary>
    public bool IsHidden => Text.Hidden;

    public bool IsRequired => Text.Required;

    /// <summary>One-letter form, or '\0'.</summary>
    public char Short => Text.Short;

    /// <summary>Texts the flag takes when the user does not give it; empty for none.</summary>
    public IReadOnlyList<string> Defaults => Text.Defaults;

    /// <summary>A presence flag: <c>--x</c> and <c>--no-x</c>, never a value.</summary>
    public virtual bool IsBool => false;

    /// <summary>May be given more than once; each use appends.</summary>
    public virtual bool IsRepeatable => false;

    /// <summary>Why a flag that upstream has is refused here; null for flags that work.</summary>
    public virtual string? UnsupportedBecause => null;

    internal FlagText Text { get; }

    /// <summary>Left column of the help: <c>-w, --[no-]wait</c>, <c>--x="default"</c>, <c>--y=Y ...</c>.</summary>
    internal string Usage()
    {
        StringBuilder text = new();
        if (Short != '\0') text.Append('-').Append(Short).Append(", ");
        text.Append("--").Append(IsBool ? "[no-]" : "").Append(Name);
        if (!IsBool) text.Append('=').Append(PlaceHolder());
        if (IsRepeatable) text.Append(" ...");
        return text.ToString();
    }

    /// <summary>What stands for the value in help: the placeholder, the default, or the name in capitals.</summary>
    internal string PlaceHolder()
    {
        if (Text.PlaceHolder.Length > 0) return Text.PlaceHolder;
        if (Defaults.Count == 0) return Name.ToUpperInvariant();
        string shown = Defaults[0] + (Defaults.Count > 1 ? "..." : "");
        return QuotesDefault ? GoText.Quote(shown) : shown;
    }

    private protected virtual bool QuotesDefault => false;

    /// <summary>Value when neither the user nor a default gives one.</summary>
    internal abstract object? Initial { get; }

    /// <summary>The value after one more text; <paramref name="current"/> is what earlier texts made.</summary>
    /// <exception cref="FlagValueException">The text is not of this flag's grammar.</exception>
    internal abstract object? Add(object? current, string text);

    /// <summary>The value as the flags API prints it.</summary>
    internal abstract string Print(object? value);
}

/// <summary>The texts and switches of a flag's declaration.</summary>
internal sealed record FlagText(string Name, string Help)
{
    public char Short { get; init; }
    public string PlaceHolder { get; init; } = "";
    public IReadOnlyList<string> Defaults { get; init; } = [];
    public bool Hidden { get; init; }
    public bool Required { get; init; }
}

/// <summary>A flag whose parsed value is a <typeparamref name="T"/>; read it with <see cref="ParsedFlags.Get{T}"/>.</summary>
public abstract class Flag<T> : Flag
{
    private protected Flag(FlagText text)
        : base(text)
    {
    }
}

/// <summary>A flag given at most once.</summary>
internal sealed class ScalarFlag<T>(FlagText text, FlagGrammar<T> grammar, T initial) : Flag<T>(text)
{
    public override bool IsBool => typeof(T) == typeof(bool);

    internal override object? Initial => initial;

    private protected override bool QuotesDefault => grammar.QuotesDefault;

    internal override object? Add(object? current, string text) => grammar.Parse(text);

    internal override string Print(object? value) => grammar.Print((T)value!);
}

/// <summary>A flag given any number of times; the user's values replace the default list.</summary>
internal sealed class ListFlag<T>(FlagText text, FlagGrammar<T> grammar) : Flag<IReadOnlyList<T>>(text)
{
    public override bool IsRepeatable => true;

    internal override object? Initial => Array.Empty<T>();

    internal override object? Add(object? current, string text) =>
        current is IReadOnlyList<T> { Count: > 0 } earlier ? [.. earlier, grammar.Parse(text)] : new[] { grammar.Parse(text) };

    internal override string Print(object? value) => string.Join(',', ((IReadOnlyList<T>)value!).Select(grammar.Print));
}

/// <summary>A flag upstream has and this program does not honour: giving it is an error that names it.</summary>
internal sealed class UnsupportedFlag(string name, string why, bool isBool) : Flag(new FlagText(name, "") { Hidden = true })
{
    public override bool IsBool => isBool;

    public override bool IsRepeatable => true;

    public override string? UnsupportedBecause => why;

    internal override object? Initial => null;

    internal override object? Add(object? current, string text) => text;

    internal override string Print(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
