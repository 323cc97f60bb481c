using System.Numerics;

namespace Aion.PromQL;

/// <summary>Presence bitmaps: bit i of word i/64 says that step i has a sample. Bits beyond the step count are zero.</summary>
internal static class Bits
{
    public static int Words(int count) => (count + 63) >> 6;

    public static bool Get(ReadOnlySpan<ulong> bits, int index) => (bits[index >> 6] >> index & 1) != 0;

    public static void Set(Span<ulong> bits, int index) => bits[index >> 6] |= 1UL << index;

    public static void Unset(Span<ulong> bits, int index) => bits[index >> 6] &= ~(1UL << index);

    /// <summary>Sets the bits <c>[0, count)</c>.</summary>
    public static void Fill(Span<ulong> bits, int count)
    {
        int full = count >> 6;
        bits[..full].Fill(ulong.MaxValue);
        if (full < bits.Length)
        {
            bits[full..].Clear();
            if ((count & 63) != 0) bits[full] = (1UL << count) - 1;
        }
    }

    /// <summary>Sets the bits <c>[from, to)</c>.</summary>
    public static void SetRange(Span<ulong> bits, int from, int to)
    {
        for (; from < to && (from & 63) != 0; from++) Set(bits, from);
        for (; from + 64 <= to; from += 64) bits[from >> 6] = ulong.MaxValue;
        for (; from < to; from++) Set(bits, from);
    }

    public static bool IsFull(ReadOnlySpan<ulong> bits, int count)
    {
        int full = count >> 6;
        for (var i = 0; i < full; i++)
            if (bits[i] != ulong.MaxValue) return false;
        return (count & 63) == 0 || bits[full] == (1UL << count) - 1;
    }

    public static int Count(ReadOnlySpan<ulong> bits)
    {
        var count = 0;
        foreach (ulong word in bits) count += BitOperations.PopCount(word);
        return count;
    }

    public static bool IsEmpty(ReadOnlySpan<ulong> bits) => bits.IndexOfAnyExcept(0UL) < 0;

    /// <summary>The first set bit at or after <paramref name="from"/>, or -1.</summary>
    public static int Next(ReadOnlySpan<ulong> bits, int from)
    {
        int word = from >> 6;
        if (word >= bits.Length) return -1;
        ulong current = bits[word] & ulong.MaxValue << from;
        while (current == 0)
        {
            if (++word >= bits.Length) return -1;
            current = bits[word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(current);
    }

    /// <summary>The first bit set in both, or -1.</summary>
    public static int FirstCommon(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            ulong common = a[i] & b[i];
            if (common != 0) return (i << 6) + BitOperations.TrailingZeroCount(common);
        }

        return -1;
    }

    public static void Or(Span<ulong> target, ReadOnlySpan<ulong> other)
    {
        for (var i = 0; i < target.Length; i++) target[i] |= other[i];
    }

    public static void And(Span<ulong> target, ReadOnlySpan<ulong> other)
    {
        for (var i = 0; i < target.Length; i++) target[i] &= other[i];
    }

    public static void AndNot(Span<ulong> target, ReadOnlySpan<ulong> other)
    {
        for (var i = 0; i < target.Length; i++) target[i] &= ~other[i];
    }
}
