using Aion.Model;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>
/// Matchers looked at on series entries by the references of their symbols, each value once. Scratch of one reader; not thread-safe.
/// </summary>
internal sealed class EntryMatchers
{
    private readonly SymbolTable _symbols;
    private readonly One[] _matchers;

    public EntryMatchers(IReadOnlyList<LabelMatcher> matchers, SymbolTable symbols)
    {
        _symbols = symbols;
        _matchers = new One[matchers.Count];
        for (var i = 0; i < _matchers.Length; i++)
            _matchers[i] = new One(matchers[i], symbols.TryFind(matchers[i].NameUtf8.Span, out uint name) ? name : null);
    }

    /// <exception cref="TsdbCorruptionException">A reference leads to no symbol.</exception>
    public bool Match(SeriesEntry entry)
    {
        foreach (One one in _matchers)
            if (!Matches(one, entry.Labels)) return false;
        return true;
    }

    private bool Matches(One one, IReadOnlyList<LabelRef> labels)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i].Name != one.Name) continue;
            uint value = labels[i].Value;
            if (one.Known.TryGetValue(value, out bool known)) return known;
            return one.Known[value] = one.Matcher.Matches(_symbols.Lookup(value));
        }

        return one.Matcher.MatchesEmpty;
    }

    private sealed record One(LabelMatcher Matcher, uint? Name)
    {
        public Dictionary<uint, bool> Known { get; } = [];
    }
}
