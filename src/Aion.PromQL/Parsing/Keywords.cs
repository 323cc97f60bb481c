using System.Collections.Frozen;

namespace Aion.PromQL;

/// <summary>The words with a meaning of their own, in any case.</summary>
internal static class Keywords
{
    private const int LongestLength = 12;

    private static readonly FrozenDictionary<string, TokenKind> ByText = new Dictionary<string, TokenKind>
    {
        ["and"] = TokenKind.And,
        ["or"] = TokenKind.Or,
        ["unless"] = TokenKind.Unless,
        ["atan2"] = TokenKind.Atan2,
        ["sum"] = TokenKind.Sum,
        ["avg"] = TokenKind.Avg,
        ["count"] = TokenKind.Count,
        ["min"] = TokenKind.Min,
        ["max"] = TokenKind.Max,
        ["group"] = TokenKind.Group,
        ["stddev"] = TokenKind.Stddev,
        ["stdvar"] = TokenKind.Stdvar,
        ["topk"] = TokenKind.TopK,
        ["bottomk"] = TokenKind.BottomK,
        ["count_values"] = TokenKind.CountValues,
        ["quantile"] = TokenKind.Quantile,
        ["limitk"] = TokenKind.LimitK,
        ["limit_ratio"] = TokenKind.LimitRatio,
        ["bool"] = TokenKind.Bool,
        ["by"] = TokenKind.By,
        ["group_left"] = TokenKind.GroupLeft,
        ["group_right"] = TokenKind.GroupRight,
        ["fill"] = TokenKind.Fill,
        ["fill_left"] = TokenKind.FillLeft,
        ["fill_right"] = TokenKind.FillRight,
        ["ignoring"] = TokenKind.Ignoring,
        ["offset"] = TokenKind.Offset,
        ["smoothed"] = TokenKind.Smoothed,
        ["anchored"] = TokenKind.Anchored,
        ["on"] = TokenKind.On,
        ["without"] = TokenKind.Without,
        ["start"] = TokenKind.Start,
        ["end"] = TokenKind.End,
        ["step"] = TokenKind.Step,
        ["range"] = TokenKind.Range,
        ["max_of"] = TokenKind.MaxOf,
        ["min_of"] = TokenKind.MinOf,
        ["inf"] = TokenKind.Number,
        ["nan"] = TokenKind.Number,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The keyword a word is, else <see cref="TokenKind.None"/>. The word is ASCII.</summary>
    public static TokenKind Find(ReadOnlySpan<byte> word)
    {
        if (word.Length > LongestLength) return TokenKind.None;
        Span<char> chars = stackalloc char[LongestLength];
        for (var i = 0; i < word.Length; i++) chars[i] = (char)word[i];
        return ByText.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(chars[..word.Length], out TokenKind kind) ? kind : TokenKind.None;
    }

    /// <summary>The words that stand in duration arithmetic inside brackets.</summary>
    public static TokenKind FindInDuration(ReadOnlySpan<byte> word) =>
        Find(word) is var kind && kind is TokenKind.Step or TokenKind.Range or TokenKind.MaxOf or TokenKind.MinOf ? kind : TokenKind.None;
}
