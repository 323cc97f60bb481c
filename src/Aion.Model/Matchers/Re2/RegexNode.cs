namespace Aion.Model;

internal enum RegexOp : byte
{
    Empty,

    /// <summary>A run of code points, case-folded or not.</summary>
    Literal,
    Class,
    Assertion,
    Capture,
    Star,
    Plus,
    Optional,
    Repeat,
    Concat,
    Alternate,
}

/// <summary>What must hold at a place between two characters.</summary>
internal enum RegexAssertion : byte
{
    BeginText,
    EndText,
    BeginLine,
    EndLine,
    WordBoundary,
    NotWordBoundary,
}

/// <summary>A node of a parsed expression. Immutable; knows its height, its size as a program, and how far it may be repeated.</summary>
internal sealed class RegexNode
{
    private RegexNode(RegexOp op, params RegexNode[] children)
    {
        Op = op;
        Children = children;
        Height = 1;
        foreach (RegexNode child in children)
        {
            Height = Math.Max(Height, child.Height + 1);
            Repetitions = Math.Max(Repetitions, child.Repetitions);
            Size += child.Size;
        }
    }

    public static RegexNode Empty { get; } = new(RegexOp.Empty) { Size = 1, IsNullable = true };

    public RegexOp Op { get; }

    public RegexNode[] Children { get; }

    public RegexNode Child => Children[0];

    public int[] Runes { get; private init; } = [];

    /// <summary>The literal matches in any case; only set where a rune of it has another case.</summary>
    public bool Folded { get; private init; }

    public RuneSet? Set { get; private init; }

    public RegexAssertion Assertion { get; private init; }

    /// <summary>Prefers fewer repetitions.</summary>
    public bool Lazy { get; private init; }

    public int Min { get; private init; }

    /// <summary>−1 means no limit.</summary>
    public int Max { get; private init; }

    /// <summary>From 1.</summary>
    public int CaptureIndex { get; private init; }

    public string? CaptureName { get; private init; }

    public int Height { get; }

    /// <summary>Instructions the compiled node takes, roughly; at least 1.</summary>
    public long Size { get; private init; }

    /// <summary>Product of nested counted repetitions on the worst path.</summary>
    public long Repetitions { get; private init; }

    public bool IsNullable { get; private init; }

    public static RegexNode Literal(int[] runes, bool folded) => new(RegexOp.Literal) { Runes = runes, Folded = folded, Size = runes.Length };

    public static RegexNode OfSet(RuneSet set) => new(RegexOp.Class) { Set = set, Size = 1 };

    public static RegexNode Assert(RegexAssertion assertion) => new(RegexOp.Assertion) { Assertion = assertion, Size = 1, IsNullable = true };

    public static RegexNode Capture(RegexNode child, int index, string? name) =>
        new(RegexOp.Capture, child) { CaptureIndex = index, CaptureName = name, Size = child.Size + 2, IsNullable = child.IsNullable };

    public static RegexNode Loop(RegexOp op, RegexNode child, bool lazy) => new(op, child)
    {
        Lazy = lazy,
        Min = op == RegexOp.Plus ? 1 : 0,
        Max = op == RegexOp.Optional ? 1 : -1,
        Size = child.Size + (op == RegexOp.Star ? 2 : 1),
        IsNullable = op != RegexOp.Plus || child.IsNullable,
    };

    public static RegexNode Repeat(RegexNode child, int min, int max, bool lazy)
    {
        long size = max < 0 ? (min == 0 ? child.Size + 2 : (child.Size * min) + 1) : (child.Size * max) + (max - min);
        int count = max < 0 ? min : max;
        return new RegexNode(RegexOp.Repeat, child)
        {
            Lazy = lazy,
            Min = min,
            Max = max,
            Size = Math.Max(1, size),
            Repetitions = max == 0 ? 0 : Math.Max(1, count) * Math.Max(1, child.Repetitions),
            IsNullable = min == 0 || child.IsNullable,
        };
    }

    public static RegexNode Concat(List<RegexNode> children) => children.Count switch
    {
        0 => Empty,
        1 => children[0],
        _ => new RegexNode(RegexOp.Concat, [.. children]) { IsNullable = children.TrueForAll(c => c.IsNullable) },
    };

    public static RegexNode Alternate(List<RegexNode> children)
    {
        children = MergeSingles(children);
        return children.Count == 1
            ? children[0]
            : new RegexNode(RegexOp.Alternate, [.. children])
            {
                Size = children.Sum(c => c.Size) + children.Count - 1,
                IsNullable = children.Exists(c => c.IsNullable),
            };
    }

    /// <summary>Neighbours in an alternation that match one code point each become one class; <c>a|b|[x-z]</c> is <c>[abx-z]</c>.</summary>
    private static List<RegexNode> MergeSingles(List<RegexNode> children)
    {
        const int smallClass = 16;
        var merged = new List<RegexNode>(children.Count);
        for (var i = 0; i < children.Count;)
        {
            int end = i;
            while (end < children.Count && (children[end].Op == RegexOp.Literal ? children[end].Runes.Length == 1 : children[end].Set?.RangeCount <= smallClass)) end++;
            if (end < i + 2)
            {
                merged.Add(children[i++]);
                continue;
            }

            var set = new RuneSetBuilder();
            for (; i < end; i++)
            {
                RegexNode child = children[i];
                if (child.Set is not null) set.Add(child.Set);
                else if (child.Folded) set.AddFolded(child.Runes[0], child.Runes[0]);
                else set.Add(child.Runes[0], child.Runes[0]);
            }

            RuneSet union = set.ToSet();
            merged.Add(union.Single is { } rune ? Literal([rune], false) : OfSet(union));
        }

        return merged;
    }
}
