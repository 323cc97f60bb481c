namespace Aion.Model;

internal enum RegexCode : byte
{
    Match,

    /// <summary>Goes on at Next, then (with lower priority) at Argument.</summary>
    Split,

    /// <summary>Consumes the code point Argument.</summary>
    Rune,

    /// <summary>Consumes a member of set number Argument.</summary>
    Set,

    /// <summary>Goes on where the assertion Argument holds.</summary>
    Assert,

    /// <summary>Notes the position in slot Argument.</summary>
    Save,
}

internal readonly record struct RegexInstruction(RegexCode Code, int Next, int Argument);

/// <summary>A compiled expression: instructions over code points. Built from the end to the start, so that every target exists.</summary>
internal sealed class RegexProgram
{
    private readonly List<RegexInstruction> _code = [];
    private readonly List<RuneSet> _sets = [];
    private readonly Dictionary<RuneSet, int> _setNumbers = [];
    private readonly bool _captures;

    private RegexProgram(bool captures) => _captures = captures;

    public int Start { get; private set; }

    public int Length => _code.Count;

    public IReadOnlyList<RuneSet> Sets => _sets;

    /// <summary>The assertions used, as bits by number.</summary>
    public int Assertions { get; private set; }

    public RegexInstruction this[int at] => _code[at];

    /// <summary>A program that accepts exactly the texts the whole of which the node matches.</summary>
    public static RegexProgram WholeText(RegexNode node)
    {
        var program = new RegexProgram(captures: false);
        program.Start = program.Emit(node, program.Add(RegexCode.Match, 0, 0));
        return program;
    }

    /// <summary>A program that finds the leftmost match of the node; slots 0 and 1 get its ends, the others those of the groups.</summary>
    public static RegexProgram Search(RegexNode node)
    {
        var program = new RegexProgram(captures: true);
        int end = program.Add(RegexCode.Save, program.Add(RegexCode.Match, 0, 0), 1);
        program.Start = program.Add(RegexCode.Save, program.Emit(node, end), 0);
        return program;
    }

    public bool Consumes(in RegexInstruction instruction, int rune) =>
        instruction.Code == RegexCode.Rune ? instruction.Argument == rune
        : instruction.Code == RegexCode.Set && _sets[instruction.Argument].Contains(rune);

    private int Add(RegexCode code, int next, int argument)
    {
        _code.Add(new RegexInstruction(code, next, argument));
        return _code.Count - 1;
    }

    private int AddSet(RuneSet set, int next)
    {
        if (!_setNumbers.TryGetValue(set, out int number))
        {
            number = _sets.Count;
            _sets.Add(set);
            _setNumbers.Add(set, number);
        }

        return Add(RegexCode.Set, next, number);
    }

    private int Emit(RegexNode node, int next)
    {
        switch (node.Op)
        {
            case RegexOp.Literal: return EmitLiteral(node, next);
            case RegexOp.Class: return AddSet(node.Set!, next);
            case RegexOp.Assertion:
                Assertions |= 1 << (int)node.Assertion;
                return Add(RegexCode.Assert, next, (int)node.Assertion);
            case RegexOp.Capture:
                if (!_captures) return Emit(node.Child, next);
                return Add(RegexCode.Save, Emit(node.Child, Add(RegexCode.Save, next, (node.CaptureIndex * 2) + 1)), node.CaptureIndex * 2);
            case RegexOp.Star: return EmitStar(node.Child, node.Lazy, next);
            case RegexOp.Plus: return EmitPlus(node.Child, node.Lazy, next);
            case RegexOp.Optional: return Split(Emit(node.Child, next), next, node.Lazy);
            case RegexOp.Repeat: return EmitRepeat(node, next);
            case RegexOp.Concat:
                for (int i = node.Children.Length - 1; i >= 0; i--) next = Emit(node.Children[i], next);
                return next;
            case RegexOp.Alternate:
                int entry = Emit(node.Children[^1], next);
                for (int i = node.Children.Length - 2; i >= 0; i--) entry = Split(Emit(node.Children[i], next), entry, lazy: false);
                return entry;
            default: return next;
        }
    }

    private int EmitLiteral(RegexNode node, int next)
    {
        for (int i = node.Runes.Length - 1; i >= 0; i--)
        {
            int rune = node.Runes[i];
            next = node.Folded && UnicodeClasses.FoldsOf(rune) is { } folds ? AddSet(FoldSet(folds), next) : Add(RegexCode.Rune, next, rune);
        }

        return next;
    }

    private readonly Dictionary<int[], RuneSet> _foldSets = [];

    private RuneSet FoldSet(int[] folds)
    {
        if (_foldSets.TryGetValue(folds, out RuneSet? known)) return known;
        var builder = new RuneSetBuilder();
        foreach (int rune in folds) builder.Add(rune, rune);
        return _foldSets[folds] = builder.ToSet();
    }

    private int Split(int first, int second, bool lazy) => lazy ? Add(RegexCode.Split, second, first) : Add(RegexCode.Split, first, second);

    private int EmitStar(RegexNode child, bool lazy, int next)
    {
        // A loop over something that can be empty is an optional one-or-more, which keeps the priorities right.
        if (child.IsNullable) return Split(EmitPlus(child, lazy, next), next, lazy);
        int loop = Add(RegexCode.Split, 0, 0);
        SetLoop(loop, Emit(child, loop), next, lazy);
        return loop;
    }

    private int EmitPlus(RegexNode child, bool lazy, int next)
    {
        int loop = Add(RegexCode.Split, 0, 0);
        int body = Emit(child, loop);
        SetLoop(loop, body, next, lazy);
        return body;
    }

    private void SetLoop(int loop, int body, int next, bool lazy) =>
        _code[loop] = lazy ? new RegexInstruction(RegexCode.Split, next, body) : new RegexInstruction(RegexCode.Split, body, next);

    private int EmitRepeat(RegexNode node, int next)
    {
        int copies = node.Min;
        if (node.Max < 0)
        {
            next = copies == 0 ? EmitStar(node.Child, node.Lazy, next) : EmitPlus(node.Child, node.Lazy, next);
            copies--;
        }
        else
        {
            int end = next;
            for (int i = node.Min; i < node.Max; i++) next = Split(Emit(node.Child, next), end, node.Lazy);
        }

        for (; copies > 0; copies--) next = Emit(node.Child, next);
        return next;
    }
}
