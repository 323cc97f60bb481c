namespace Aion.Model;

/// <summary>The name of a block: a ULID, 26 characters of Crockford base 32. Ordered by time of creation.</summary>
public readonly record struct BlockId(Ulid Value) : IComparable<BlockId>
{
    public static bool TryParse(string text, out BlockId id)
    {
        id = default;
        if (text.Length != 26 || !Ulid.TryParse(text, out Ulid value)) return false;
        id = new BlockId(value);
        // The package forgives what a directory name must not be (lower case, letters outside the alphabet).
        return id.ToString() == text;
    }

    public static BlockId New(TimeProvider time) => new(Ulid.NewUlid(time.GetUtcNow()));

    public int CompareTo(BlockId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString();

    public static bool operator <(BlockId a, BlockId b) => a.CompareTo(b) < 0;

    public static bool operator >(BlockId a, BlockId b) => a.CompareTo(b) > 0;

    public static bool operator <=(BlockId a, BlockId b) => a.CompareTo(b) <= 0;

    public static bool operator >=(BlockId a, BlockId b) => a.CompareTo(b) >= 0;
}
