using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Aion.Tsdb;

/// <summary>
/// CRC-32C (Castagnoli): the checksum of every TSDB file. Uses the processor's instruction where there is one, a table elsewhere.
/// </summary>
public static class Crc32C
{
    /// <summary>The checksum of the bytes; of "123456789" it is 0xE3069283.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>How many texts <see cref="Compute(ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{uint})"/> takes.</summary>
    public const int Lanes = 4;

    /// <summary>The checksums of four texts side by side: each instruction waits for the one before it, those of other texts need not.</summary>
    public static void Compute(
        ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, ReadOnlySpan<byte> fourth, Span<uint> checksums)
    {
        uint a = uint.MaxValue, b = a, c = a, d = a;
        int common = Math.Min(Math.Min(first.Length, second.Length), Math.Min(third.Length, fourth.Length));
        ref byte startA = ref MemoryMarshal.GetReference(first), startB = ref MemoryMarshal.GetReference(second);
        ref byte startC = ref MemoryMarshal.GetReference(third), startD = ref MemoryMarshal.GetReference(fourth);
        var at = 0;
        for (; at <= common - sizeof(ulong); at += sizeof(ulong))
        {
            a = BitOperations.Crc32C(a, Word(ref startA, at));
            b = BitOperations.Crc32C(b, Word(ref startB, at));
            c = BitOperations.Crc32C(c, Word(ref startC, at));
            d = BitOperations.Crc32C(d, Word(ref startD, at));
        }

        checksums[0] = Append(~a, first[at..]);
        checksums[1] = Append(~b, second[at..]);
        checksums[2] = Append(~c, third[at..]);
        checksums[3] = Append(~d, fourth[at..]);
    }

    /// <summary>Goes on from the checksum of what came before; 0 = nothing yet.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        uint crc = ~checksum;
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        var at = 0;
        for (; at <= bytes.Length - sizeof(ulong); at += sizeof(ulong)) crc = BitOperations.Crc32C(crc, Word(ref start, at));
        for (; at < bytes.Length; at++) crc = BitOperations.Crc32C(crc, bytes[at]);
        return ~crc;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte start, int at)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at));
        return BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
    }
}
