using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Aion.Tsdb;

/// <summary>Decodes XOR chunks (format notes F-6.4 … F-6.6) in bulk.</summary>
/// <remarks>
/// The loop is measured (Aion.Benchmarks, XorDecode): it loads whole big-endian words at a bit position, checks bounds once a sample, and
/// runs twice: over the chunk while one more sample fits for sure, then over a zero-padded copy of the last bytes.
/// </remarks>
internal static class XorChunkDecoder
{
    /// <summary>Where bytes of the first two samples begin.</summary>
    private const int HeaderBytes = 2;

    /// <summary>Bytes that reading one sample may touch: 145 bits, an odd start and a nine-byte load.</summary>
    private const int SampleReach = 32;

    /// <summary>The same for a sample that keeps step and window, which needs a nine-byte load three bits on.</summary>
    private const int PlainReach = 10;

    /// <summary>65,535 steps of this length do not overflow a time.</summary>
    private const long MostRegularStep = 1L << 46;

    /// <summary>Bits that a window holds for sure, however odd its start.</summary>
    private const int WindowBits = 57;

    /// <summary>Decodes exactly the chunk's samples into the first places of the spans, which hold at least as many.</summary>
    /// <returns>The distance of the samples if it is the same between all, else 0.</returns>
    /// <exception cref="TsdbCorruptionException">The bytes end early or hold an impossible window.</exception>
    public static long Decode(ReadOnlySpan<byte> data, int count, Span<long> times, Span<double> values)
    {
        if (count == 0) return 0;
        times = times[..count];
        values = values[..count];
        var head = new ByteCursor(data, HeaderBytes);
        var state = new State { Time = head.ReadVarint(), Value = head.ReadUInt64() };
        times[0] = state.Time;
        values[0] = BitConverter.UInt64BitsToDouble(state.Value);
        if (count > 1)
        {
            state.Delta = (long)head.ReadUVarint();
            state.Time += state.Delta;
            times[1] = state.Time;
        }

        if (head.Failed) TsdbCorruptionException.Throw(head.Position, "XOR chunk: the first samples are cut off");
        if (count == 1) return 0;
        state.Bit = head.Position * 8L;
        int reach = data.Length - SampleReach;
        ReadSecondValue(data, state.Bit >> 3 <= reach, ref state);
        values[1] = BitConverter.UInt64BitsToDouble(state.Value);

        int next = Run(ref MemoryMarshal.GetReference(data), (data.Length - PlainReach) * 8L, reach * 8L, ref state, times, values, 2);
        if (next < count) next = RunTail(data, ref state, times, values, next);
        if (next < count) TsdbCorruptionException.Throw(state.Bit >> 3, $"XOR chunk: damaged at sample {next} of {count}");
        // A huge step may wrap around on the way.
        return !state.StepChanged && state.Delta is > 0 and < MostRegularStep && times[^1] > times[0] ? state.Delta : 0;
    }

    /// <summary>Sample 1 has no time code: it is read apart, so that the loop need not ask.</summary>
    private static void ReadSecondValue(ReadOnlySpan<byte> data, bool reaches, ref State state)
    {
        ulong window = reaches ? Load(ref MemoryMarshal.GetReference(data), state.Bit) : 0;
        if (window >> 62 == 0b11)
        {
            // The usual case: it differs, and brings the first window along.
            state.Leading = (int)(window >> 57 & 31);
            int significant = ((int)(window >> 51) - 1 & 63) + 1;
            state.Trailing = 64 - state.Leading - significant;
            if (state.Trailing < 0) TsdbCorruptionException.Throw(state.Bit >> 3, "XOR chunk: an impossible window at sample 1");
            state.Value ^= LoadAll(ref MemoryMarshal.GetReference(data), state.Bit + 13) >> (64 - significant) << state.Trailing;
            state.Bit += 13 + significant;
            return;
        }

        var reader = new BitReader(data, state.Bit);
        XorValue value = default;
        value.Bits = state.Value;
        value.Read(ref reader);
        if (reader.Failed) TsdbCorruptionException.Throw(reader.Position >> 3, "XOR chunk: the first samples are cut off");
        (state.Leading, state.Trailing, state.Value, state.Bit) = (value.Leading, value.Trailing, value.Bits, reader.Position);
    }

    private static int RunTail(ReadOnlySpan<byte> data, ref State state, Span<long> times, Span<double> values, int next)
    {
        if (state.BadWindow) return next;
        Span<byte> padded = stackalloc byte[SampleReach * 3];
        padded.Clear();
        var start = (int)(state.Bit >> 3);
        if (start > data.Length) return next;
        data[start..].CopyTo(padded);
        long startBits = start * 8L;
        long endBits = (data.Length - start) * 8L;
        state.Bit -= startBits;
        next = Run(ref MemoryMarshal.GetReference(padded), endBits, endBits, ref state, times, values, next);
        bool past = state.Bit > endBits;
        state.Bit += startBits;
        // What ran over the end was made of padding; which sample began it does not matter.
        return past ? next - 1 : next;
    }

    /// <summary>
    /// Decodes plain samples that start at or before bit <paramref name="lastPlainStart"/>, others up to <paramref name="lastStart"/>; returns
    /// the index after the last one.
    /// </summary>
    /// <remarks>
    /// Needs <see cref="PlainReach"/> readable bytes from every plain start on, <see cref="SampleReach"/> from others; the caller proves it.
    /// </remarks>
    private static int Run(ref byte source, long lastPlainStart, long lastStart, ref State state, Span<long> times, Span<double> values, int next)
    {
        // Indices run up to 0 over the ends of the spans: one register less, and the loop's end is a sign test.
        ref long timesEnd = ref Unsafe.Add(ref MemoryMarshal.GetReference(times), times.Length);
        ref double valuesEnd = ref Unsafe.Add(ref MemoryMarshal.GetReference(values), times.Length);
        nint at = next - times.Length;
        long bit = state.Bit, time = state.Time, delta = state.Delta;
        ulong value = state.Value;
        bool stepChanged = state.StepChanged;
        int trailing = state.Trailing, significant = 64 - state.Leading - state.Trailing;
        while (at < 0 && bit <= lastPlainStart)
        {
            ulong window = Load(ref source, bit);
            if (window >> 61 == 0b010)
            {
                // What most samples of a series that moves are: the same step, and a difference inside of the window. One load has it all.
                ulong difference = significant <= WindowBits - 3 ? window << 3 : LoadAll(ref source, bit + 3);
                value ^= difference >> (64 - significant) << trailing;
                bit += 3 + significant;
                time += delta;
                Unsafe.Add(ref timesEnd, at) = time;
                Unsafe.Add(ref valuesEnd, at) = BitConverter.UInt64BitsToDouble(value);
                at++;
                continue;
            }

            if (window >> 62 == 0)
            {
                // A run of samples that change neither step nor value: two zero bits each, at most those of the window.
                int run = Math.Min(Math.Min(BitOperations.LeadingZeroCount(window), WindowBits) / 2, (int)-at);
                bit += run * 2;
                for (double same = BitConverter.UInt64BitsToDouble(value); run > 0; run--, at++)
                {
                    time += delta;
                    Unsafe.Add(ref timesEnd, at) = time;
                    Unsafe.Add(ref valuesEnd, at) = same;
                }

                continue;
            }

            if (bit > lastStart) break;
            if (window >> 62 == 0b10 && (long)(window << 16) < 0)
            {
                // Scrapes that jitter by some milliseconds: a step that changed by up to 14 bits, and a difference inside of the window or
                // with a new one; one load tells where the next sample begins.
                stepChanged = true;
                delta += Signed(window << 2, 14);
                time += delta;
                Unsafe.Add(ref timesEnd, at) = time;
                if ((window & 1UL << 46) == 0)
                {
                    bit += 18;
                }
                else
                {
                    significant = ((int)(window >> 35) - 1 & 63) + 1;
                    trailing = 64 - (int)(window >> 41 & 31) - significant;
                    if (trailing < 0)
                    {
                        state.BadWindow = true;
                        break;
                    }

                    bit += 29;
                }

                ulong rest = significant > WindowBits ? LoadAll(ref source, bit) : Load(ref source, bit);
                value ^= rest >> (64 - significant) << trailing;
                bit += significant;
                Unsafe.Add(ref valuesEnd, at) = BitConverter.UInt64BitsToDouble(value);
                at++;
                continue;
            }

            if ((long)window >= 0)
            {
                bit++;
                window <<= 1;
                time += delta;
                Unsafe.Add(ref timesEnd, at) = time;
            }
            else
            {
                stepChanged = true;
                // Branches, not arithmetic on the prefix: a predicted length lets the next load start early.
                if ((window & 1UL << 62) == 0)
                {
                    delta += Signed(window << 2, 14);
                    bit += 16;
                }
                else if ((window & 1UL << 61) == 0)
                {
                    delta += Signed(window << 3, 17);
                    bit += 20;
                }
                else if ((window & 1UL << 60) == 0)
                {
                    delta += Signed(window << 4, 20);
                    bit += 24;
                }
                else
                {
                    delta += (long)LoadAll(ref source, bit + 4);
                    bit += 68;
                }

                window = Load(ref source, bit);
                time += delta;
                Unsafe.Add(ref timesEnd, at) = time;
                if ((long)window >= 0)
                {
                    bit++;
                    Unsafe.Add(ref valuesEnd, at) = BitConverter.UInt64BitsToDouble(value);
                    at++;
                    continue;
                }
            }

            // The value differs.
            if ((window & 1UL << 62) == 0)
            {
                bit += 2;
                window <<= 2;
            }
            else
            {
                var leading = (int)(window >> 57 & 31);
                // 64 is stored as 0.
                significant = ((int)(window >> 51) - 1 & 63) + 1;
                trailing = 64 - leading - significant;
                if (trailing < 0)
                {
                    state.BadWindow = true;
                    break;
                }

                bit += 13;
                window <<= 13;
            }

            if (significant > WindowBits - 1 - 13) window = LoadAll(ref source, bit);
            value ^= window >> (64 - significant) << trailing;
            bit += significant;
            Unsafe.Add(ref valuesEnd, at) = BitConverter.UInt64BitsToDouble(value);
            at++;
        }

        state.Bit = bit;
        state.Time = time;
        state.Delta = delta;
        state.StepChanged = stepChanged;
        state.Value = value;
        state.Trailing = trailing;
        state.Leading = 64 - significant - trailing;
        return times.Length + (int)at;
    }

    /// <summary>
    /// The top bits as a signed number, but with the pattern 100…0 positive: the range is shifted by one around the sign extension.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Signed(ulong top, int width) =>
        ((long)(((top >> (64 - width)) - 1) << (64 - width)) >> (64 - width)) + 1;

    /// <summary>At least 57 bits from a bit position on, at the top of the word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ref byte source, long bit) => Word(ref source, bit) << (int)(bit & 7);

    /// <summary>All 64 bits from a bit position on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LoadAll(ref byte source, long bit) =>
        Load(ref source, bit) | (uint)Unsafe.Add(ref source, (nint)((bit >> 3) + 8)) >> (8 - (int)(bit & 7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte source, long bit)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, (nint)(bit >> 3)));
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word;
    }

    private struct State
    {
        public long Bit;
        public long Time;
        public long Delta;
        public ulong Value;
        public int Leading;
        public int Trailing;
        public bool BadWindow;

        /// <summary>The distance between samples was not the same all along.</summary>
        public bool StepChanged;
    }
}
