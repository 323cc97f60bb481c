using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text;

namespace Aion.Model;

/// <summary>Membership of a UTF-8 text in a list of literals.</summary>
internal sealed class LiteralSet
{
    private const int FewEnoughToCompare = 4;

    private readonly byte[][] _few;
    private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>>? _many;

    public LiteralSet(string[] literals)
    {
        _few = [.. literals.Select(Encoding.UTF8.GetBytes)];
        if (literals.Length > FewEnoughToCompare) _many = new HashSet<byte[]>(_few, new BytesComparer()).GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public bool Contains(ReadOnlySpan<byte> text)
    {
        if (_many is { } many) return many.Contains(text);
        foreach (byte[] literal in _few)
            if (text.SequenceEqual(literal)) return true;
        return false;
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate) => unchecked((int)XxHash3.HashToUInt64(alternate));

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
