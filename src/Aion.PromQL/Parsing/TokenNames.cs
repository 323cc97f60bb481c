using System.Text;

namespace Aion.PromQL;

/// <summary>Tokens as messages name them.</summary>
internal static class TokenNames
{
    private const int ShownLength = 10;

    public static string Describe(Token token, byte[] text)
    {
        string value = Encoding.UTF8.GetString(text, token.Start, token.End - token.Start);
        return token.Kind switch
        {
            TokenKind.EndOfInput => "end of input",
            TokenKind.Identifier => $"identifier {GoStrings.Quote(value)}",
            TokenKind.MetricIdentifier => $"metric identifier {GoStrings.Quote(value)}",
            TokenKind.Number => $"number {Shorten(value)}",
            TokenKind.Duration => $"duration {Shorten(value)}",
            TokenKind.String => $"string {Shorten(value)}",
            var k when k.IsKeyword() => $"<{value}>",
            var k when k.IsOperator() => $"<op:{value}>",
            var k when k.IsAggregation() => $"<aggr:{value}>",
            _ => Shorten(value),
        };
    }

    private static string Shorten(string value)
    {
        if (Encoding.UTF8.GetByteCount(value) <= ShownLength) return GoStrings.Quote(value);
        var shown = new StringBuilder();
        foreach (Rune rune in value.EnumerateRunes().Take(ShownLength)) shown.Append(rune.ToString());
        return GoStrings.Quote(shown.ToString()) + "...";
    }
}
