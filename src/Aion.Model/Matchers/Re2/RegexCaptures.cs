namespace Aion.Model;

/// <summary>
/// Finds the leftmost match and its groups with one pass over the text: threads in order of priority, at most one an instruction.
/// </summary>
internal sealed class RegexCaptures(RegexProgram program, int slots)
{
    /// <summary>Positions of group ends in bytes, −1 for a group that took no part; null when nothing matches.</summary>
    /// <param name="from">Where the match may begin at the earliest; what stands before it still counts for assertions.</param>
    public int[]? Find(ReadOnlySpan<byte> text, int from = 0)
    {
        var run = new Run(program, slots);
        Threads current = run.NewThreads(), next = run.NewThreads();
        int[]? best = null;
        RegexContext before = from == 0 ? RegexContext.TextStart : ContextAfter(Utf8Runes.ReadLast(text[..from]));
        for (int at = from; ;)
        {
            int length = 0;
            int rune = at == text.Length ? RegexStepper.EndOfText : Utf8Runes.Read(text[at..], out length);
            // A later start has the lowest priority, and none once something has matched.
            if (best is null) run.Add(current, program.Start, at, before, rune, null);
            else if (current.Count == 0) break;
            int after = at + length;
            RegexContext context = ContextAfter(rune);
            int following = after >= text.Length ? RegexStepper.EndOfText : Utf8Runes.Read(text[after..], out _);
            next.Clear();
            for (var i = 0; i < current.Count; i++)
            {
                RegexInstruction instruction = program[current.Instruction(i)];
                if (instruction.Code == RegexCode.Match)
                {
                    best = current.Slots(i).ToArray();
                    // What follows has lower priority than this match.
                    break;
                }

                if (rune >= 0 && program.Consumes(instruction, rune)) run.Add(next, instruction.Next, after, context, following, current.Slots(i));
            }

            if (at == text.Length) break;
            at = after;
            before = context;
            (current, next) = (next, current);
        }

        return best;
    }

    private static RegexContext ContextAfter(int rune) =>
        (rune == '\n' ? RegexContext.AfterNewline : RegexContext.None) | (RegexStepper.IsWord(rune) ? RegexContext.AfterWord : RegexContext.None);

    private sealed class Threads(int programLength, int slots)
    {
        private readonly int[] _seen = new int[programLength];
        private readonly List<int> _instructions = [];
        private readonly List<int> _slots = [];
        private int _generation = 1;

        public int Count => _instructions.Count;

        public int Instruction(int i) => _instructions[i];

        public ReadOnlySpan<int> Slots(int i) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_slots).Slice(i * slots, slots);

        public bool Visit(int instruction)
        {
            if (_seen[instruction] == _generation) return false;
            _seen[instruction] = _generation;
            return true;
        }

        public void Append(int instruction, ReadOnlySpan<int> values)
        {
            _instructions.Add(instruction);
            foreach (int value in values) _slots.Add(value);
        }

        public void Clear()
        {
            _instructions.Clear();
            _slots.Clear();
            _generation++;
        }
    }

    private sealed class Run(RegexProgram program, int slots)
    {
        private readonly int[] _values = new int[slots];

        // Places to go to, or (negative) slots to set back to an older value once everything behind a save was followed.
        private readonly Stack<(int Place, int Value)> _pending = new();

        public Threads NewThreads() => new(program.Length, slots);

        public void Add(Threads target, int start, int position, RegexContext before, int next, ReadOnlySpan<int> values)
        {
            if (values.IsEmpty) _values.AsSpan().Fill(-1);
            else values.CopyTo(_values);
            _pending.Push((start, 0));
            while (_pending.TryPop(out var entry))
            {
                if (entry.Place < 0)
                {
                    _values[~entry.Place] = entry.Value;
                    continue;
                }

                if (!target.Visit(entry.Place)) continue;
                RegexInstruction instruction = program[entry.Place];
                switch (instruction.Code)
                {
                    case RegexCode.Split:
                        _pending.Push((instruction.Argument, 0));
                        _pending.Push((instruction.Next, 0));
                        break;
                    case RegexCode.Assert:
                        if (RegexStepper.Holds((RegexAssertion)instruction.Argument, before, next)) _pending.Push((instruction.Next, 0));
                        break;
                    case RegexCode.Save:
                        _pending.Push((~instruction.Argument, _values[instruction.Argument]));
                        _values[instruction.Argument] = position;
                        _pending.Push((instruction.Next, 0));
                        break;
                    default:
                        target.Append(entry.Place, _values);
                        break;
                }
            }
        }
    }
}
