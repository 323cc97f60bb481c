using System.Text;

namespace Aion.Model;

/// <summary>How a matcher compares; the numbers are those of the Store API and of remote read.</summary>
public enum MatchType
{
    Equal = 0,
    NotEqual = 1,
    Regex = 2,
    NotRegex = 3,
}

/// <summary>
/// One label matcher. Regular expressions are fully anchored and have RE2's meaning; an absent label matches as the empty value.
/// Immutable and thread-safe.
/// </summary>
public sealed class LabelMatcher : IEquatable<LabelMatcher>
{
    private readonly byte[] _valueUtf8;
    private readonly LabelRegex? _regex;

    /// <exception cref="FormatException">The value of a regular-expression matcher is no valid RE2 expression.</exception>
    public LabelMatcher(MatchType type, string name, string value)
    {
        Type = type;
        Name = name;
        Value = value;
        NameUtf8 = Encoding.UTF8.GetBytes(name);
        _valueUtf8 = Encoding.UTF8.GetBytes(value);
        if (type is MatchType.Regex or MatchType.NotRegex) _regex = LabelRegex.Parse(value);
    }

    public MatchType Type { get; }

    public string Name { get; }

    public ReadOnlyMemory<byte> NameUtf8 { get; }

    public string Value { get; }

    public ReadOnlyMemory<byte> ValueUtf8 => _valueUtf8;

    /// <summary>The compiled expression; null for the two equality types.</summary>
    public LabelRegex? Regex => _regex;

    public bool MatchesEmpty => Matches([]);

    public static LabelMatcher Equal(string name, string value) => new(MatchType.Equal, name, value);

    public bool Matches(ReadOnlySpan<byte> value) => Type switch
    {
        MatchType.Equal => value.SequenceEqual(_valueUtf8),
        MatchType.NotEqual => !value.SequenceEqual(_valueUtf8),
        MatchType.Regex => _regex!.IsMatch(value),
        _ => !_regex!.IsMatch(value),
    };

    public bool Matches(Labels labels) => Matches(labels.ValueOf(NameUtf8.Span));

    public bool Equals(LabelMatcher? other) =>
        other is not null && Type == other.Type && Name == other.Name && Value == other.Value;

    public override bool Equals(object? obj) => Equals(obj as LabelMatcher);

    public override int GetHashCode() => HashCode.Combine(Type, Name, Value);

    /// <summary>The matcher as Prometheus prints it, for example <c>job=~"a|b"</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (LabelNames.IsLegacyName(Name)) text.Append(Name);
        else GoText.AppendQuoted(text, Name);
        text.Append(Type switch { MatchType.Equal => "=", MatchType.NotEqual => "!=", MatchType.Regex => "=~", _ => "!~" });
        return GoText.AppendQuoted(text, Value).ToString();
    }
}
