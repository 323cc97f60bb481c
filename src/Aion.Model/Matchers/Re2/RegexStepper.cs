namespace Aion.Model;

/// <summary>What stands before a place, as far as assertions ask.</summary>
[Flags]
internal enum RegexContext : byte
{
    None = 0,
    TextStart = 1,
    AfterNewline = 2,
    AfterWord = 4,
}

/// <summary>
/// Moves a set of instructions over one code point: the simulation of the automaton, in time linear in the program for each step.
/// Holds scratch memory, so not thread-safe.
/// </summary>
internal sealed class RegexStepper
{
    public const int EndOfText = -1;

    private readonly RegexProgram _program;
    private readonly RegexContext _asked;
    private readonly int[] _seen;
    private readonly Stack<int> _pending = new();
    private readonly List<int> _resolved = [];
    private int _generation;

    public RegexStepper(RegexProgram program)
    {
        _program = program;
        _seen = new int[program.Length];
        _asked = AskedOf(program);
    }

    /// <summary>The instructions before the first code point, in ascending order.</summary>
    public int[] Start()
    {
        var target = new List<int>();
        NextGeneration();
        Follow(_program.Start, target);
        target.Sort();
        return [.. target];
    }

    public RegexContext StartContext => _asked & RegexContext.TextStart;

    /// <summary>The instructions after a code point, in ascending order; empty when there is no way on.</summary>
    public int[] Step(ReadOnlySpan<int> from, RegexContext context, int rune)
    {
        ReadOnlySpan<int> ready = Resolve(from, context, rune);
        NextGeneration();
        var target = new List<int>();
        foreach (int at in ready)
        {
            RegexInstruction instruction = _program[at];
            if (_program.Consumes(instruction, rune)) Follow(instruction.Next, target);
        }

        target.Sort();
        return [.. target];
    }

    public RegexContext ContextAfter(int rune)
    {
        var context = RegexContext.None;
        if (rune == '\n') context |= RegexContext.AfterNewline;
        if (IsWord(rune)) context |= RegexContext.AfterWord;
        return context & _asked;
    }

    /// <summary>Whether the text may end here.</summary>
    public bool Accepts(ReadOnlySpan<int> at, RegexContext context)
    {
        foreach (int instruction in Resolve(at, context, EndOfText))
            if (_program[instruction].Code == RegexCode.Match) return true;
        return false;
    }

    public static bool Holds(RegexAssertion assertion, RegexContext before, int next) => assertion switch
    {
        RegexAssertion.BeginText => (before & RegexContext.TextStart) != 0,
        RegexAssertion.EndText => next == EndOfText,
        RegexAssertion.BeginLine => (before & (RegexContext.TextStart | RegexContext.AfterNewline)) != 0,
        RegexAssertion.EndLine => next is EndOfText or '\n',
        RegexAssertion.WordBoundary => ((before & RegexContext.AfterWord) != 0) != IsWord(next),
        _ => ((before & RegexContext.AfterWord) != 0) == IsWord(next),
    };

    public static bool IsWord(int rune) => rune is >= 0 and < 0x80 && (char.IsAsciiLetterOrDigit((char)rune) || rune == '_');

    private static RegexContext AskedOf(RegexProgram program)
    {
        const int lines = (1 << (int)RegexAssertion.BeginLine) | (1 << (int)RegexAssertion.EndLine);
        const int words = (1 << (int)RegexAssertion.WordBoundary) | (1 << (int)RegexAssertion.NotWordBoundary);
        var asked = RegexContext.None;
        if ((program.Assertions & (1 << (int)RegexAssertion.BeginText)) != 0) asked |= RegexContext.TextStart;
        if ((program.Assertions & lines) != 0) asked |= RegexContext.TextStart | RegexContext.AfterNewline;
        if ((program.Assertions & words) != 0) asked |= RegexContext.AfterWord;
        return asked;
    }

    /// <summary>Follows the assertions that hold before the next code point.</summary>
    private ReadOnlySpan<int> Resolve(ReadOnlySpan<int> from, RegexContext context, int next)
    {
        if (_program.Assertions == 0) return from;
        NextGeneration();
        _resolved.Clear();
        foreach (int at in from) _pending.Push(at);
        while (_pending.TryPop(out int at))
        {
            if (!Visit(at)) continue;
            RegexInstruction instruction = _program[at];
            switch (instruction.Code)
            {
                case RegexCode.Assert:
                    if (Holds((RegexAssertion)instruction.Argument, context, next)) _pending.Push(instruction.Next);
                    break;
                case RegexCode.Split:
                    _pending.Push(instruction.Argument);
                    _pending.Push(instruction.Next);
                    break;
                default:
                    _resolved.Add(at);
                    break;
            }
        }

        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_resolved);
    }

    /// <summary>Adds what is reachable without consuming anything, up to assertions.</summary>
    private void Follow(int start, List<int> target)
    {
        _pending.Push(start);
        while (_pending.TryPop(out int at))
        {
            if (!Visit(at)) continue;
            RegexInstruction instruction = _program[at];
            if (instruction.Code != RegexCode.Split)
            {
                target.Add(at);
                continue;
            }

            _pending.Push(instruction.Argument);
            _pending.Push(instruction.Next);
        }
    }

    private bool Visit(int at)
    {
        if (_seen[at] == _generation) return false;
        _seen[at] = _generation;
        return true;
    }

    private void NextGeneration()
    {
        if (++_generation != int.MaxValue) return;
        Array.Clear(_seen);
        _generation = 1;
    }
}
