namespace Aion.Tsdb;

/// <summary>Writes varints into spans.</summary>
internal static class Varint
{
    public const int MaxBytes = 10;

    /// <returns>Bytes written.</returns>
    public static int WriteUVarint(Span<byte> target, ulong value)
    {
        var at = 0;
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
        return at;
    }

    /// <summary>Zig-zag, then LEB128.</summary>
    public static int WriteVarint(Span<byte> target, long value) => WriteUVarint(target, (ulong)(value << 1) ^ (ulong)(value >> 63));

    public static int SizeOf(ulong value)
    {
        var size = 1;
        while (value >= 0x80)
        {
            value >>= 7;
            size++;
        }

        return size;
    }
}
