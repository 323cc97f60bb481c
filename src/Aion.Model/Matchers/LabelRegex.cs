using System.Text;
using System.Text.RegularExpressions;

namespace Aion.Model;

/// <summary>A fully anchored regular expression over label values, in linear time whatever the input.</summary>
public sealed class LabelRegex
{
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(@"\.+*?()[]{}^$");

    private readonly Regex _regex;

    private LabelRegex(string pattern, Regex regex, IReadOnlyList<string>? setMatches)
    {
        Pattern = pattern;
        _regex = regex;
        SetMatches = setMatches;
    }

    public string Pattern { get; }

    /// <summary>The complete list of values that match, when the expression is a plain alternation of literals; else null.</summary>
    public IReadOnlyList<string>? SetMatches { get; }

    /// <exception cref="FormatException">The pattern is not valid.</exception>
    public static LabelRegex Parse(string pattern)
    {
        try
        {
#pragma warning disable RS0030 // The one place where a user's pattern is compiled.
            var regex = new Regex($"^(?s:{pattern})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
#pragma warning restore RS0030
            return new LabelRegex(pattern, regex, LiteralAlternatives(pattern));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"error parsing regexp: {e.Message}: `{pattern}`", e);
        }
    }

    public bool IsMatch(ReadOnlySpan<byte> value)
    {
        Span<char> chars = value.Length <= 256 ? stackalloc char[256] : new char[value.Length];
        int length = Encoding.UTF8.GetChars(value, chars);
        return _regex.IsMatch(chars[..length]);
    }

    private static string[]? LiteralAlternatives(string pattern) =>
        pattern.AsSpan().IndexOfAny(Special) >= 0 ? null : pattern.Split('|');
}
