namespace Aion.Tsdb;

/// <summary>
/// Where one postings list lies in the index: <c>[Start, End)</c>, from its count on, up to its checksum; four bytes more hold the
/// checksum. The end is told by the list that follows, so it may take in padding.
/// </summary>
public readonly record struct PostingsRange(long Start, long End)
{
    public static PostingsRange NotFound { get; } = new(-1, -1);

    public bool IsFound => Start >= 0;

    /// <summary>How many series the list holds at most.</summary>
    public long Cardinality => Math.Max(0, (End - Start) / sizeof(uint) - 1);
}

/// <summary>One label pair of an index with its list. The value points into the table's bytes.</summary>
public readonly record struct PostingsEntry(string Name, ReadOnlyMemory<byte> Value, PostingsRange Range);
