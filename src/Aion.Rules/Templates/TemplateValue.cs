namespace Aion.Rules;

/// <summary>
/// A value with fields, as templates see a struct. Other values are null, bool, long, double, string, lists
/// (<see cref="IReadOnlyList{T}"/> of object) and maps (<see cref="IReadOnlyDictionary{TKey, TValue}"/> of string to object).
/// </summary>
/// <param name="TypeName">As messages name it.</param>
/// <param name="Fields">In order of declaration, which is the order they print in.</param>
public sealed record TemplateStruct(string TypeName, IReadOnlyList<KeyValuePair<string, object?>> Fields)
{
    /// <summary>What it prints as; null: its fields in braces.</summary>
    public string? Text { get; init; }

    /// <summary>Fields that can be asked for beside its own, as those of embedded structs.</summary>
    public IReadOnlyList<TemplateStruct> Embedded { get; init; } = [];

    internal bool TryField(string name, out object? value)
    {
        foreach (var (field, held) in Fields)
        {
            if (field != name) continue;
            value = held;
            return true;
        }

        foreach (TemplateStruct part in Embedded)
            if (part.TryField(name, out value)) return true;
        value = null;
        return false;
    }
}

/// <summary>A function that templates may call.</summary>
/// <param name="arguments">As many as were given; the function checks them.</param>
/// <exception cref="TemplateException">The arguments make no sense.</exception>
public delegate object? TemplateFunction(IReadOnlyList<object?> arguments);
