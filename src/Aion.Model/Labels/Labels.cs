using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;
using System.Text;

namespace Aion.Model;

/// <summary>
/// The label set of one series: name/value pairs, ascending by the bytes of the name, names unique. Immutable.
/// </summary>
/// <remarks>
/// One buffer holds everything: <c>len name len value …</c>, where <c>len</c> is one byte below 255, or 255 followed by a
/// little-endian int32. Text is UTF-8 and its order is byte order, as in the TSDB index (UTF-16 order differs above U+FFFF).
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class Labels : IEquatable<Labels>, IComparable<Labels>
{
    private readonly byte[] _buffer;
    private int _hash;

    /// <summary>Takes ownership of an encoded buffer; use <see cref="LabelsBuilder"/> to make one.</summary>
    internal Labels(byte[] buffer) => _buffer = buffer;

    public static Labels Empty { get; } = new([]);

    public bool IsEmpty => _buffer.Length == 0;

    /// <summary>The encoded pairs; equal label sets have equal bytes.</summary>
    public ReadOnlySpan<byte> Encoded => _buffer;

    /// <summary>Bytes held by this instance; for memory budgets.</summary>
    public int SizeBytes => _buffer.Length + 48;

    public int Count
    {
        get
        {
            var count = 0;
            foreach (var _ in this) count++;
            return count;
        }
    }

    /// <summary>Builds a set from alternating names and values, in any order. A later duplicate name wins; an empty value removes.</summary>
    public static Labels Of(params ReadOnlySpan<string> namesAndValues)
    {
        if (namesAndValues.Length % 2 != 0) throw new ArgumentException("names and values must alternate", nameof(namesAndValues));
        var builder = new LabelsBuilder();
        for (var i = 0; i < namesAndValues.Length; i += 2) builder.Set(namesAndValues[i], namesAndValues[i + 1]);
        return builder.ToLabels();
    }

    public static Labels From(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var builder = new LabelsBuilder();
        foreach (var (name, value) in pairs) builder.Set(name, value);
        return builder.ToLabels();
    }

    public LabelEnumerator GetEnumerator() => new(_buffer);

    /// <summary>The value of a label; empty when the label is absent, which PromQL treats as the same thing.</summary>
    public ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> name)
    {
        foreach (var label in this)
        {
            int order = label.Name.SequenceCompareTo(name);
            if (order == 0) return label.Value;
            if (order > 0) break;
        }

        return default;
    }

    public bool Has(ReadOnlySpan<byte> name)
    {
        foreach (var label in this)
        {
            int order = label.Name.SequenceCompareTo(name);
            if (order >= 0) return order == 0;
        }

        return false;
    }

    /// <summary>The value of a label as text, or null when the label is absent.</summary>
    public string? GetValueOrNull(string name)
    {
        foreach (var label in this)
            if (Utf8Text.EqualsText(label.Name, name)) return Encoding.UTF8.GetString(label.Value);
        return null;
    }

    public IEnumerable<KeyValuePair<string, string>> Pairs()
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var label in this) pairs.Add(new(Encoding.UTF8.GetString(label.Name), Encoding.UTF8.GetString(label.Value)));
        return pairs;
    }

    /// <summary>xxhash64 over <c>name 0xFF value 0xFF</c> of every pair: the hash that Thanos shards and groups by.</summary>
    public ulong StableHash()
    {
        // Each string loses its length and gains a separator: the text is never longer than the buffer.
        byte[]? rented = _buffer.Length > 1024 ? ArrayPool<byte>.Shared.Rent(_buffer.Length) : null;
        Span<byte> text = rented ?? stackalloc byte[1024];
        var length = 0;
        foreach (var label in this)
        {
            label.Name.CopyTo(text[length..]);
            length += label.Name.Length;
            text[length++] = 0xFF;
            label.Value.CopyTo(text[length..]);
            length += label.Value.Length;
            text[length++] = 0xFF;
        }

        ulong hash = XxHash64.HashToUInt64(text[..length]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    public bool Equals(Labels? other) => other is not null && (ReferenceEquals(this, other) || Encoded.SequenceEqual(other.Encoded));

    public override bool Equals(object? obj) => Equals(obj as Labels);

    public override int GetHashCode()
    {
        if (_hash == 0)
        {
            int hash = unchecked((int)XxHash3.HashToUInt64(_buffer));
            _hash = hash == 0 ? 1 : hash;
        }

        return _hash;
    }

    /// <summary>Pairwise order by name, then value; a prefix sorts first. The order of series in an index and in every stream.</summary>
    public int CompareTo(Labels? other)
    {
        if (other is null) return 1;
        ReadOnlySpan<byte> a = _buffer, b = other._buffer;
        int common = a.CommonPrefixLength(b);
        if (common == a.Length || common == b.Length) return a.Length.CompareTo(b.Length);
        // Every string that ends before the first difference is equal on both sides: skip to the one that differs.
        var position = 0;
        while (true)
        {
            ReadOnlySpan<byte> textA = LabelCodec.ReadText(a, position, out int next);
            if (next > common)
            {
                ReadOnlySpan<byte> textB = LabelCodec.ReadText(b, position, out _);
                return textA.SequenceCompareTo(textB);
            }

            position = next;
        }
    }

    public static int Compare(Labels a, Labels b) => a.CompareTo(b);

    public static bool operator ==(Labels? a, Labels? b) => a is null ? b is null : a.Equals(b);

    public static bool operator !=(Labels? a, Labels? b) => !(a == b);

    public static bool operator <(Labels a, Labels b) => a.CompareTo(b) < 0;

    public static bool operator >(Labels a, Labels b) => a.CompareTo(b) > 0;

    public static bool operator <=(Labels a, Labels b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Labels a, Labels b) => a.CompareTo(b) >= 0;

    /// <summary>The set as Prometheus prints it: <c>{a="1", "odd name"="2"}</c>, with every label inside the braces.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("{");
        foreach (var (name, value) in Pairs())
        {
            if (text.Length > 1) text.Append(", ");
            if (LabelNames.IsLegacyName(name)) text.Append(name);
            else GoText.AppendQuoted(text, name);
            text.Append('=');
            GoText.AppendQuoted(text, value);
        }

        return text.Append('}').ToString();
    }
}

/// <summary>Reads and writes the length-prefixed text inside a <see cref="Labels"/> buffer.</summary>
internal static class LabelCodec
{
    private const byte Long = 255;

    public static int SizeOf(int textLength) => textLength < Long ? textLength + 1 : textLength + 5;

    public static ReadOnlySpan<byte> ReadText(ReadOnlySpan<byte> buffer, int position, out int next)
    {
        int length = buffer[position++];
        if (length == Long)
        {
            length = BinaryPrimitives.ReadInt32LittleEndian(buffer[position..]);
            position += sizeof(int);
        }

        next = position + length;
        return buffer.Slice(position, length);
    }

    public static int WriteText(Span<byte> buffer, int position, ReadOnlySpan<byte> text)
    {
        if (text.Length < Long)
        {
            buffer[position++] = (byte)text.Length;
        }
        else
        {
            buffer[position++] = Long;
            BinaryPrimitives.WriteInt32LittleEndian(buffer[position..], text.Length);
            position += sizeof(int);
        }

        text.CopyTo(buffer[position..]);
        return position + text.Length;
    }
}
