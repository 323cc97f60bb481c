using Aion.Model;

namespace Aion.Hosting;

/// <summary>Values of flags such as <c>--label</c> and <c>--selector-label</c>: <c>name="value"</c>, the value a Go string literal.</summary>
/// <remarks>reference/cli-conventions.md §2.6.</remarks>
public static class LabelFlags
{
    /// <returns>The labels sorted by name.</returns>
    /// <exception cref="ComponentException">Not of that form, an unquoted value, or a name given twice.</exception>
    public static Labels Parse(IReadOnlyList<string> values)
    {
        LabelsBuilder labels = new();
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (string text in values)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) throw new ComponentException($"unrecognized label {GoText.Quote(text)}");
            string name = text[..equals];
            if (name.Length == 0) throw new ComponentException($"unsupported format for label {text}");
            if (!GoLiteral.TryUnquote(text[(equals + 1)..], out string value)) throw new ComponentException("unquote label value: invalid syntax");
            // Upstream keeps both; a set with two values of one name means nothing to its readers.
            if (!names.Add(name)) throw new ComponentException($"label {GoText.Quote(name)} is given twice");
            labels.Add(name, value);
        }

        return labels.ToLabels();
    }
}
