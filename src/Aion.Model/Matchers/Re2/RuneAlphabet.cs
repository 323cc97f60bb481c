namespace Aion.Model;

/// <summary>
/// The code points sorted into classes whose members no instruction of a program tells apart, so that a state needs one transition a class.
/// </summary>
internal sealed class RuneAlphabet
{
    // Beyond this much work classes are not merged: correct all the same, with more of them.
    private const long MergeBudget = 4_000_000;

    private readonly byte[]? _ascii;
    private readonly int[] _asciiWide;
    private readonly int[] _starts;
    private readonly int[] _classes;

    public RuneAlphabet(RegexProgram program)
    {
        List<RuneSet> sets = DistinguishedSets(program);
        _starts = Starts(sets);
        _classes = Merge(sets, _starts, out int count);
        Count = count;
        _asciiWide = new int[128];
        for (var c = 0; c < 128; c++) _asciiWide[c] = Search(c);
        if (count <= 256) _ascii = [.. _asciiWide.Select(c => (byte)c)];
    }

    /// <summary>Number of classes.</summary>
    public int Count { get; }

    public int ClassOfAscii(byte c) => _ascii is null ? _asciiWide[c] : _ascii[c];

    public int ClassOf(int rune) => rune < 0x80 ? _asciiWide[rune] : Search(rune);

    private int Search(int rune)
    {
        int at = Array.BinarySearch(_starts, rune);
        return _classes[at < 0 ? ~at - 1 : at];
    }

    private static List<RuneSet> DistinguishedSets(RegexProgram program)
    {
        var sets = new List<RuneSet>(program.Sets);
        var runes = new HashSet<int>();
        for (var i = 0; i < program.Length; i++)
            if (program[i].Code == RegexCode.Rune && runes.Add(program[i].Argument)) sets.Add(new RuneSet([program[i].Argument, program[i].Argument]));
        // Assertions look at the code point to come and the one before.
        if (program.Assertions == 0) return sets;
        sets.Add(new RuneSet(['\n', '\n']));
        sets.Add(UnicodeClasses.Find("\\w", negated: false, folded: false)!);
        return sets;
    }

    private static int[] Starts(List<RuneSet> sets)
    {
        var starts = new SortedSet<int> { 0 };
        foreach (RuneSet set in sets)
        {
            for (var i = 0; i < set.Bounds.Length; i += 2)
            {
                starts.Add(set.Bounds[i]);
                if (set.Bounds[i + 1] < RuneSet.MaxRune) starts.Add(set.Bounds[i + 1] + 1);
            }
        }

        return [.. starts];
    }

    /// <summary>Splits classes set by set: intervals stay together as long as every set so far has both or neither.</summary>
    private static int[] Merge(List<RuneSet> sets, int[] starts, out int count)
    {
        int[] classes = new int[starts.Length];
        count = 1;
        long work = 0;
        var split = new Dictionary<int, int>();
        foreach (RuneSet set in sets)
        {
            split.Clear();
            for (var i = 0; i < set.Bounds.Length; i += 2)
            {
                int at = Array.BinarySearch(starts, set.Bounds[i]);
                for (; at < starts.Length && starts[at] <= set.Bounds[i + 1]; at++)
                {
                    if (++work > MergeBudget) return Unmerged(classes, out count);
                    if (!split.TryGetValue(classes[at], out int inside))
                    {
                        inside = count++;
                        split.Add(classes[at], inside);
                    }

                    classes[at] = inside;
                }
            }
        }

        return Renumber(classes, out count);
    }

    private static int[] Unmerged(int[] classes, out int count)
    {
        for (var i = 0; i < classes.Length; i++) classes[i] = i;
        count = classes.Length;
        return classes;
    }

    private static int[] Renumber(int[] classes, out int count)
    {
        var numbers = new Dictionary<int, int>();
        for (var i = 0; i < classes.Length; i++)
        {
            if (!numbers.TryGetValue(classes[i], out int number))
            {
                number = numbers.Count;
                numbers.Add(classes[i], number);
            }

            classes[i] = number;
        }

        count = numbers.Count;
        return classes;
    }
}
