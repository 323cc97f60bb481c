using System.Buffers.Binary;
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

    /// <summary>Decodes exactly the chunk's samples into the first places of the spans, which hold at least as many.</summary>
    /// <exception cref="TsdbCorruptionException">The bytes end early or hold an impossible window.</exception>
    public static void Decode(ReadOnlySpan<byte> data, int count, Span<long> times, Span<double> values)
    {
        if (count == 0) return;
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
        if (count == 1) return;
        state.Bit = head.Position * 8L;

        // Sample 1 is a sample without a time code: the loop starts inside it.
        var next = 1;
        int reach = data.Length - SampleReach;
        if (state.Bit >> 3 <= reach)
            next = Run(ref MemoryMarshal.GetReference(data), reach * 8L, ref state, times, values, next);
        if (next < count) next = RunTail(data, ref state, times, values, next);
        if (next < count) TsdbCorruptionException.Throw(state.Bit >> 3, $"XOR chunk: damaged at sample {next} of {count}");
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
        next = Run(ref MemoryMarshal.GetReference(padded), endBits, ref state, times, values, next);
        bool past = state.Bit > endBits;
        state.Bit += startBits;
        // The sample that ran over the end was made of padding.
        return past ? next - 1 : next;
    }

    /// <summary>Decodes samples that start at or before bit <paramref name="lastStart"/>; returns the index after the last one.</summary>
    /// <remarks>Needs <see cref="SampleReach"/> readable bytes from every start on; the caller proves it.</remarks>
    private static int Run(ref byte source, long lastStart, ref State state, Span<long> times, Span<double> values, int next)
    {
        ref long timeAt = ref MemoryMarshal.GetReference(times);
        ref double valueAt = ref MemoryMarshal.GetReference(values);
        int count = times.Length;
        long bit = state.Bit, time = state.Time, delta = state.Delta;
        ulong value = state.Value;
        int trailing = state.Trailing, significant = 64 - state.Leading - state.Trailing;
        while (next < count && bit <= lastStart)
        {
            ulong window = Load(ref source, bit);
            if (next > 1)
            {
                if ((long)window >= 0)
                {
                    bit++;
                    window <<= 1;
                }
                else
                {
                    int width = window < 0xC000_0000_0000_0000 ? 14 : window < 0xE000_0000_0000_0000 ? 17 : window < 0xF000_0000_0000_0000 ? 20 : 64;
                    if (width < 64)
                    {
                        // Prefix lengths 2, 3, 4 belong to widths 14, 17, 20.
                        int prefix = (width - 8) / 3;
                        ulong dod = window << prefix >> (64 - width);
                        long half = 1L << (width - 1);
                        delta += (long)dod > half ? (long)dod - (half << 1) : (long)dod;
                        bit += prefix + width;
                        window <<= prefix + width;
                    }
                    else
                    {
                        delta += (long)LoadAll(ref source, bit + 4);
                        bit += 68;
                        window = Load(ref source, bit);
                    }
                }

                time += delta;
                Unsafe.Add(ref timeAt, next) = time;
            }

            if ((long)window >= 0)
            {
                bit++;
            }
            else
            {
                if (window >= 0xC000_0000_0000_0000)
                {
                    var leading = (int)(window >> 57 & 31);
                    significant = (int)(window >> 51 & 63);
                    if (significant == 0) significant = 64;
                    trailing = 64 - leading - significant;
                    if (trailing < 0)
                    {
                        state.BadWindow = true;
                        break;
                    }

                    bit += 13;
                }
                else
                {
                    bit += 2;
                }

                value ^= LoadAll(ref source, bit) >> (64 - significant) << trailing;
                bit += significant;
            }

            Unsafe.Add(ref valueAt, next) = BitConverter.UInt64BitsToDouble(value);
            next++;
        }

        state.Bit = bit;
        state.Time = time;
        state.Delta = delta;
        state.Value = value;
        state.Trailing = trailing;
        state.Leading = 64 - significant - trailing;
        return next;
    }

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
    }
}
