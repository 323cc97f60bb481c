using System.Collections.Concurrent;
using System.Globalization;

namespace Aion.Model;

/// <summary>Character classes known by name, and simple case folding, from <c>UnicodeClasses.txt</c> (written by <c>eng/unicode-classes.mjs</c>).</summary>
internal static class UnicodeClasses
{
    private static readonly Lazy<Tables> Loaded = new(Load);
    private static readonly ConcurrentDictionary<(string Name, bool Negated, bool Folded), RuneSet> Derived = new();

    private static readonly Dictionary<string, int[]> Ascii = new(StringComparer.Ordinal)
    {
        ["\\d"] = ['0', '9'],
        ["\\s"] = ['\t', '\n', '\f', '\r', ' ', ' '],
        ["\\w"] = ['0', '9', 'A', 'Z', '_', '_', 'a', 'z'],
        ["[:alnum:]"] = ['0', '9', 'A', 'Z', 'a', 'z'],
        ["[:alpha:]"] = ['A', 'Z', 'a', 'z'],
        ["[:ascii:]"] = [0, 0x7F],
        ["[:blank:]"] = ['\t', '\t', ' ', ' '],
        ["[:cntrl:]"] = [0, 0x1F, 0x7F, 0x7F],
        ["[:digit:]"] = ['0', '9'],
        ["[:graph:]"] = ['!', '~'],
        ["[:lower:]"] = ['a', 'z'],
        ["[:print:]"] = [' ', '~'],
        ["[:punct:]"] = ['!', '/', ':', '@', '[', '`', '{', '~'],
        ["[:space:]"] = ['\t', '\r', ' ', ' '],
        ["[:upper:]"] = ['A', 'Z'],
        ["[:word:]"] = ['0', '9', 'A', 'Z', '_', '_', 'a', 'z'],
        ["[:xdigit:]"] = ['0', '9', 'A', 'F', 'a', 'f'],
    };

    /// <summary>
    /// A class by name: a Unicode category or script (<c>Lu</c>, <c>Greek</c>, <c>Any</c>), a Perl class (<c>\d</c>), a POSIX class (<c>[:alpha:]</c>).
    /// Null when there is none. Negation is applied after folding, as RE2 does.
    /// </summary>
    public static RuneSet? Find(string name, bool negated, bool folded)
    {
        if (Derived.TryGetValue((name, negated, folded), out RuneSet? known)) return known;
        RuneSet? set = Ascii.TryGetValue(name, out int[]? bounds) ? new RuneSet(bounds)
            : name == "Any" ? RuneSet.All
            : Loaded.Value.Sets.GetValueOrDefault(name);
        if (set is null) return null;
        if (folded)
        {
            var builder = new RuneSetBuilder();
            for (var i = 0; i < set.Bounds.Length; i += 2) builder.AddFolded(set.Bounds[i], set.Bounds[i + 1]);
            set = builder.ToSet();
        }

        if (negated) set = set.Negate();
        return Derived.GetOrAdd((name, negated, folded), set);
    }

    /// <summary>All code points equal to this one under simple case folding, itself included; null when it is alone.</summary>
    public static int[]? FoldsOf(int rune)
    {
        int at = Array.BinarySearch(Loaded.Value.FoldRunes, rune);
        return at < 0 ? null : Loaded.Value.FoldGroups[at];
    }

    public static void AddFoldsOf(int low, int high, RuneSetBuilder target)
    {
        int[] runes = Loaded.Value.FoldRunes;
        int at = Array.BinarySearch(runes, low);
        if (at < 0) at = ~at;
        for (; at < runes.Length && runes[at] <= high; at++)
            foreach (int other in Loaded.Value.FoldGroups[at])
                if (other < low || other > high) target.Add(other, other);
    }

    private static Tables Load()
    {
        using Stream stream = typeof(UnicodeClasses).Assembly.GetManifestResourceStream("Aion.Model.UnicodeClasses.txt")
            ?? throw new InvalidOperationException("the resource UnicodeClasses.txt is missing from the assembly");
        using var reader = new StreamReader(stream);
        var sets = new Dictionary<string, RuneSet>(StringComparer.Ordinal);
        var folds = new SortedDictionary<int, int[]>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "fold") AddFolds(words.AsSpan(1), folds);
            else sets.Add(words[0], ToSet(words.AsSpan(1)));
        }

        return new Tables(sets, [.. folds.Keys], [.. folds.Values]);
    }

    private static RuneSet ToSet(ReadOnlySpan<string> words)
    {
        int[] bounds = new int[words.Length * 2];
        for (var i = 0; i < words.Length; i++)
        {
            int dash = words[i].IndexOf('-', StringComparison.Ordinal);
            bounds[i * 2] = Hex(dash < 0 ? words[i] : words[i].AsSpan(0, dash));
            bounds[(i * 2) + 1] = dash < 0 ? bounds[i * 2] : Hex(words[i].AsSpan(dash + 1));
        }

        return new RuneSet(bounds);
    }

    private static void AddFolds(ReadOnlySpan<string> words, SortedDictionary<int, int[]> folds)
    {
        foreach (string word in words)
        {
            int[] group = [.. word.Split(',').Select(text => Hex(text))];
            foreach (int rune in group) folds.Add(rune, group);
        }
    }

    private static int Hex(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed record Tables(Dictionary<string, RuneSet> Sets, int[] FoldRunes, int[][] FoldGroups);
}
