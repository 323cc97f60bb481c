namespace Aion.Model;

/// <summary>
/// A deterministic automaton that grows while it is used. States live in a cache of bounded size; when it is full a new one is begun, and a
/// text that fills caches over and over is finished by simulation. Either way the time is linear in the text. Thread-safe.
/// </summary>
internal sealed class RegexDfa
{
    /// <summary>Memory the states of one expression may take, in bytes.</summary>
    private const long CacheBytes = 1 << 20;

    // A text that needs more fresh caches than this is better simulated.
    private const int MaxCachesPerText = 4;

    // With more letters than this a few states would fill the cache.
    private const int MaxLetters = 16_384;

    private readonly RegexProgram _program;
    private readonly RuneAlphabet _alphabet;
    private readonly Lock _lock = new();

    // Guarded by _lock: _stepper and the content of _cache. Reading _cache and transitions that are set needs no lock.
    private readonly RegexStepper _stepper;
    private volatile Cache _cache;

    public RegexDfa(RegexProgram program)
    {
        _program = program;
        _alphabet = new RuneAlphabet(program);
        _stepper = new RegexStepper(program);
        _cache = NewCache();
    }

    public bool Matches(ReadOnlySpan<byte> text)
    {
        State state = _cache.Start;
        if (_alphabet.Count > MaxLetters) return Simulate(state, text);
        var caches = 0;
        for (var at = 0; at < text.Length;)
        {
            int rune = text[at], length = 1;
            int letter = rune < 0x80 ? _alphabet.ClassOfAscii((byte)rune) : _alphabet.ClassOf(rune = Utf8Runes.Read(text[at..], out length));
            State? next = Volatile.Read(ref state.Next[letter]);
            if (next is null)
            {
                next = Grow(state, letter, rune, ref caches);
                if (next is null) return Simulate(state, text[at..]);
            }

            if (next.IsDead) return false;
            state = next;
            at += length;
        }

        return Accepts(state);
    }

    /// <summary>Computes a transition; null when the text has used up its caches.</summary>
    private State? Grow(State state, int letter, int rune, ref int caches)
    {
        lock (_lock)
        {
            if (state.Next[letter] is { } known) return known;
            int[] instructions = _stepper.Step(state.Instructions, state.Context, rune);
            RegexContext context = _stepper.ContextAfter(rune);
            Cache cache = _cache;
            if (cache.Bytes > CacheBytes)
            {
                if (++caches > MaxCachesPerText) return null;
                _cache = cache = NewCache();
            }

            State next = cache.Intern(instructions, instructions.Length == 0 ? RegexContext.None : context, _alphabet.Count);
            // Only states of the present cache are linked, so that an old one can be collected.
            if (state.Owner == cache) Volatile.Write(ref state.Next[letter], next);
            return next;
        }
    }

    private bool Accepts(State state)
    {
        if (state.Accepts is { } known) return known;
        lock (_lock)
        {
            bool accepts = _stepper.Accepts(state.Instructions, state.Context);
            state.SetAccepts(accepts);
            return accepts;
        }
    }

    private bool Simulate(State state, ReadOnlySpan<byte> text)
    {
        var stepper = new RegexStepper(_program);
        int[] instructions = state.Instructions;
        RegexContext context = state.Context;
        while (!text.IsEmpty && instructions.Length > 0)
        {
            int rune = Utf8Runes.Read(text, out int length);
            instructions = stepper.Step(instructions, context, rune);
            context = stepper.ContextAfter(rune);
            text = text[length..];
        }

        return text.IsEmpty && stepper.Accepts(instructions, context);
    }

    private Cache NewCache() => new(_stepper.Start(), _stepper.StartContext, _alphabet.Count > MaxLetters ? 0 : _alphabet.Count);

    private sealed class State(Cache owner, int[] instructions, RegexContext context, int letters)
    {
        // 0 unknown, 1 no, 2 yes.
        private volatile byte _accepts;

        public Cache Owner { get; } = owner;

        public int[] Instructions { get; } = instructions;

        public RegexContext Context { get; } = context;

        public State?[] Next { get; } = new State?[letters];

        public bool IsDead { get; } = instructions.Length == 0;

        public bool? Accepts => _accepts == 0 ? null : _accepts == 2;

        public void SetAccepts(bool accepts) => _accepts = accepts ? (byte)2 : (byte)1;
    }

    private sealed class Cache
    {
        private readonly Dictionary<Key, State> _states = [];

        public Cache(int[] start, RegexContext context, int letters) => Start = Intern(start, context, letters);

        public State Start { get; }

        public long Bytes { get; private set; }

        public State Intern(int[] instructions, RegexContext context, int letters)
        {
            var key = new Key(instructions, context);
            if (_states.TryGetValue(key, out State? known)) return known;
            var state = new State(this, instructions, context, letters);
            _states.Add(key, state);
            Bytes += (8L * letters) + (4L * instructions.Length) + 128;
            return state;
        }
    }

    private readonly struct Key(int[] instructions, RegexContext context) : IEquatable<Key>
    {
        private readonly int[] _instructions = instructions;
        private readonly RegexContext _context = context;

        public bool Equals(Key other) => _context == other._context && _instructions.AsSpan().SequenceEqual(other._instructions);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_instructions.AsSpan()));
            hash.Add((byte)_context);
            return hash.ToHashCode();
        }
    }
}
