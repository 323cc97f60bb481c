using System.Text;

namespace Aion.Model;

/// <summary>Upper and lower case as Go maps them: code point by code point, in no language.</summary>
internal static class GoCase
{
    public static byte[] ToLower(ReadOnlySpan<byte> utf8) => Map(utf8, static rune => rune.Value switch
    {
        // The platform leaves alone what would turn into ASCII.
        0x130 => new Rune('i'),
        _ => Rune.ToLowerInvariant(rune),
    });

    public static byte[] ToUpper(ReadOnlySpan<byte> utf8) => Map(utf8, static rune => rune.Value switch
    {
        0x131 => new Rune('I'),
        0x17F => new Rune('S'),
        _ => Rune.ToUpperInvariant(rune),
    });

    private static byte[] Map(ReadOnlySpan<byte> utf8, Func<Rune, Rune> map)
    {
        var text = new StringBuilder();
        foreach (Rune rune in Encoding.UTF8.GetString(utf8).EnumerateRunes()) text.Append(map(rune).ToString());
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
