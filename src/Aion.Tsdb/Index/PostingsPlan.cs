using System.Text;
using Aion.Model;
using MatchType = Aion.Model.MatchType;

namespace Aion.Tsdb;

/// <summary>
/// What the matchers on one label name ask of the index: add the series of some pairs, or all series, less those of others.
/// </summary>
/// <param name="AddsAll">True: all series but those of <paramref name="Remove"/>. False: the series of <paramref name="Add"/>.</param>
/// <param name="Add">Pairs that exist, ascending by value.</param>
/// <param name="Remove">Pairs that exist, ascending by value.</param>
public sealed record PostingsGroup(
    string Name, bool AddsAll, IReadOnlyList<PostingsEntry> Add, IReadOnlyList<PostingsEntry> Remove)
{
    /// <summary>At most so many series are named by the lists.</summary>
    public long Cardinality => (AddsAll ? Remove : Add).Sum(e => e.Range.Cardinality);
}

/// <summary>
/// Which postings lists answer a set of matchers, and how to combine them (query notes ). Pure: lists come from whoever can read them.
/// </summary>
public sealed class PostingsPlan
{
    private static readonly PostingsPlan Nothing = new([], null, isEmpty: true);

    private PostingsPlan(IReadOnlyList<PostingsGroup> groups, PostingsEntry? all, bool isEmpty)
    {
        Groups = groups;
        All = all;
        IsEmpty = isEmpty;
    }

    /// <summary>No series can match; nothing needs to be read.</summary>
    public bool IsEmpty { get; }

    /// <summary>All must hold. Groups that add pairs come first, the smallest ahead.</summary>
    public IReadOnlyList<PostingsGroup> Groups { get; }

    /// <summary>The list of all series, when no group adds pairs.</summary>
    public PostingsEntry? All { get; }

    /// <summary>Every list that <see cref="Evaluate"/> may ask for.</summary>
    public IEnumerable<PostingsEntry> Entries
    {
        get
        {
            if (All is { } all) yield return all;
            foreach (PostingsGroup group in Groups)
                foreach (PostingsEntry entry in group.AddsAll ? group.Remove : group.Add) yield return entry;
        }
    }

    /// <summary>Plans the matchers; without any, all series match.</summary>
    /// <exception cref="TsdbCorruptionException">An entry of the table is damaged.</exception>
    public static PostingsPlan Of(IReadOnlyList<LabelMatcher> matchers, PostingsOffsetTable table)
    {
        var byName = new SortedDictionary<string, PostingsGroup>(StringComparer.Ordinal);
        foreach (LabelMatcher matcher in matchers)
        {
            PostingsGroup group = GroupOf(matcher, table);
            if (byName.TryGetValue(matcher.Name, out PostingsGroup? other)) group = Merge(other, group);
            if (!group.AddsAll && group.Add.Count == 0) return Nothing;
            byName[matcher.Name] = group;
        }

        PostingsGroup[] groups = [.. byName.Values.Where(g =>
            !g.AddsAll || g.Remove.Count > 0).OrderBy(g => g.AddsAll).ThenBy(g => g.Cardinality)];
        if (groups.Length > 0 && !groups[0].AddsAll) return new PostingsPlan(groups, null, isEmpty: false);
        PostingsRange all = table.All;
        return all.IsFound ? new PostingsPlan(groups, new PostingsEntry("", default, all), isEmpty: false) : Nothing;
    }

    /// <summary>
    /// The plan with fewer of its groups, at least one of which adds pairs: it selects more series, whose labels tell the rest.
    /// </summary>
    public PostingsPlan Only(IReadOnlyList<PostingsGroup> groups) =>
        new([.. groups.OrderBy(g => g.AddsAll).ThenBy(g => g.Cardinality)], groups.Any(g => !g.AddsAll) ? null : All, IsEmpty);

    /// <summary>The matching series, ascending. <paramref name="read"/> gives the list of an entry.</summary>
    public uint[] Evaluate(Func<PostingsEntry, uint[]> read)
    {
        if (IsEmpty) return [];
        uint[]? result = All is { } all ? read(all) : null;
        foreach (PostingsGroup group in Groups)
        {
            if (result is { Length: 0 }) break;
            uint[] union = PostingsSets.Union([.. (group.AddsAll ? group.Remove : group.Add).Select(read)]);
            result = result is null ? union : group.AddsAll ? PostingsSets.Except(result, union) : PostingsSets.Intersect(result, union);
        }

        return result ?? [];
    }

    private static PostingsGroup GroupOf(LabelMatcher matcher, PostingsOffsetTable table)
    {
        string name = matcher.Name;
        // The empty name stands for all series in the table; as a label it does not exist.
        bool exists = name.Length > 0;
        if (matcher.MatchesEmpty)
        {
            IReadOnlyList<PostingsEntry> removed = !exists ? [] : matcher switch
            {
                { Type: MatchType.NotEqual } => Find(table, name, [matcher.Value]),
                { Type: MatchType.NotRegex, Regex.SetMatches: { } set } => Find(table, name, set),
                { Type: MatchType.Equal } or { Type: MatchType.NotRegex, Value: ".+" } => Scan(table, name, null),
                { Type: MatchType.Regex, Value: ".*" } => [],
                _ => Scan(table, name, value => !matcher.Matches(value.Span)),
            };
            return new PostingsGroup(name, AddsAll: true, [], removed);
        }

        IReadOnlyList<PostingsEntry> added = !exists ? [] : matcher switch
        {
            { Type: MatchType.Equal } => Find(table, name, [matcher.Value]),
            { Type: MatchType.Regex, Regex.SetMatches: { } set } => Find(table, name, set),
            { Type: MatchType.NotEqual } or { Type: MatchType.Regex, Value: ".+" } => Scan(table, name, null),
            { Type: MatchType.NotRegex, Value: ".*" } => [],
            _ => Scan(table, name, value => matcher.Matches(value.Span)),
        };
        return new PostingsGroup(name, AddsAll: false, added, []);
    }

    private static List<PostingsEntry> Find(PostingsOffsetTable table, string name, IReadOnlyList<string> values)
    {
        byte[][] sorted = [.. values.Select(Encoding.UTF8.GetBytes)];
        Array.Sort(sorted, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        var found = new List<PostingsEntry>();
        PostingsOffsetTable.Cursor cursor = table.Entries(name);
        byte[]? last = null;
        foreach (byte[] value in sorted)
        {
            if (last is not null && value.AsSpan().SequenceEqual(last)) continue;
            last = value;
            if (!cursor.MoveTo(value)) break;
            if (cursor.Value.Span.SequenceEqual(value)) found.Add(cursor.Entry);
        }

        return found;
    }

    private static List<PostingsEntry> Scan(PostingsOffsetTable table, string name, Predicate<ReadOnlyMemory<byte>>? keep)
    {
        var found = new List<PostingsEntry>();
        PostingsOffsetTable.Cursor cursor = table.Entries(name);
        while (cursor.MoveNext())
            if (keep is null || keep(cursor.Value)) found.Add(cursor.Entry);
        return found;
    }

    private static PostingsGroup Merge(PostingsGroup a, PostingsGroup b)
    {
        if (a.AddsAll && b.AddsAll) return a with { Remove = Combine(a.Remove, b.Remove, left: true, both: true, right: true) };
        if (a.AddsAll) return b with { Add = Combine(b.Add, a.Remove, left: true, both: false, right: false) };
        return b.AddsAll
            ? a with { Add = Combine(a.Add, b.Remove, left: true, both: false, right: false) }
            : a with { Add = Combine(a.Add, b.Add, left: false, both: true, right: false) };
    }

    /// <summary>Walks two lists of entries, ascending by value, and keeps what is only left, in both, or only right.</summary>
    private static List<PostingsEntry> Combine(
        IReadOnlyList<PostingsEntry> a, IReadOnlyList<PostingsEntry> b, bool left, bool both, bool right)
    {
        var result = new List<PostingsEntry>();
        int i = 0, j = 0;
        while (i < a.Count || j < b.Count)
        {
            int order = i == a.Count ? 1 : j == b.Count ? -1 : a[i].Value.Span.SequenceCompareTo(b[j].Value.Span);
            if (order < 0 ? left : order == 0 ? both : right) result.Add(order <= 0 ? a[i] : b[j]);
            if (order <= 0) i++;
            if (order >= 0) j++;
        }

        return result;
    }
}
