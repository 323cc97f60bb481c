namespace Aion.Model;

/// <summary>A set of code points: ascending, separate, closed ranges, as <c>low, high, low, high …</c>. Immutable.</summary>
internal sealed class RuneSet
{
    public const int MaxRune = 0x10FFFF;

    private readonly int[] _bounds;

    /// <param name="bounds">Already in normal form; see <see cref="RuneSetBuilder"/>.</param>
    internal RuneSet(int[] bounds) => _bounds = bounds;

    public static RuneSet All { get; } = new([0, MaxRune]);

    public static RuneSet NotNewline { get; } = new([0, '\n' - 1, '\n' + 1, MaxRune]);

    public ReadOnlySpan<int> Bounds => _bounds;

    public int RangeCount => _bounds.Length / 2;

    /// <summary>The only member of a set of one.</summary>
    public int? Single => _bounds.Length == 2 && _bounds[0] == _bounds[1] ? _bounds[0] : null;

    /// <summary>How many code points the set has.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            for (var i = 0; i < _bounds.Length; i += 2) count += _bounds[i + 1] - _bounds[i] + 1;
            return count;
        }
    }

    public bool Contains(int rune)
    {
        int low = 0, high = RangeCount - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (rune < _bounds[middle * 2]) high = middle - 1;
            else if (rune > _bounds[(middle * 2) + 1]) low = middle + 1;
            else return true;
        }

        return false;
    }

    public RuneSet Negate()
    {
        var bounds = new List<int>(_bounds.Length + 2);
        var next = 0;
        for (var i = 0; i < _bounds.Length; i += 2)
        {
            if (_bounds[i] > next) bounds.AddRange([next, _bounds[i] - 1]);
            next = _bounds[i + 1] + 1;
        }

        if (next <= MaxRune) bounds.AddRange([next, MaxRune]);
        return new RuneSet([.. bounds]);
    }
}

/// <summary>Collects ranges in any order.</summary>
internal sealed class RuneSetBuilder
{
    private readonly List<(int Low, int High)> _ranges = [];

    public int RangeCount => _ranges.Count;

    public void Add(int low, int high) => _ranges.Add((low, high));

    public void Add(RuneSet set)
    {
        ReadOnlySpan<int> bounds = set.Bounds;
        for (var i = 0; i < bounds.Length; i += 2) _ranges.Add((bounds[i], bounds[i + 1]));
    }

    /// <summary>Adds a range and everything equal to a member of it under simple case folding.</summary>
    public void AddFolded(int low, int high)
    {
        Add(low, high);
        UnicodeClasses.AddFoldsOf(low, high, this);
    }

    public RuneSet ToSet()
    {
        _ranges.Sort();
        var bounds = new List<int>(_ranges.Count * 2);
        foreach (var (low, high) in _ranges)
        {
            if (bounds.Count > 0 && low <= bounds[^1] + 1) bounds[^1] = Math.Max(bounds[^1], high);
            else bounds.AddRange([low, high]);
        }

        return new RuneSet([.. bounds]);
    }
}
