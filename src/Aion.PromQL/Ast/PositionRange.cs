namespace Aion.PromQL;

/// <summary>A stretch <c>[Start, End)</c> of the query text, in UTF-8 bytes.</summary>
public readonly record struct PositionRange(int Start, int End);
