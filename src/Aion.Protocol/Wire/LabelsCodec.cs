using System.Text;
using System.Text.Unicode;
using Aion.Model;

namespace Aion.Protocol;

/// <summary>
/// Repeated <c>Label</c> messages straight into <see cref="Labels"/>. What a peer gets wrong is repaired: unsorted names are sorted,
/// a later duplicate wins, invalid UTF-8 becomes U+FFFD, and a label with an empty value is absent. Reusable; not thread-safe.
/// </summary>
internal sealed class LabelsDecoder
{
    private readonly LabelsBuilder _builder = new();
    private byte[] _lastName = new byte[64];
    private int _lastNameLength = -1;

    public void Begin()
    {
        _builder.Clear();
        _lastNameLength = -1;
    }

    /// <summary>Reads one <c>Label</c>; the reader stands at its length.</summary>
    public void Read(ref ProtoReader reader)
    {
        ReadOnlySpan<byte> name = default, value = default;
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag == 0x0A) name = Valid(reader.ReadBytes());
            else if (tag == 0x12) value = Valid(reader.ReadBytes());
            else reader.Skip(tag);
        }

        reader.Leave(outer);
        if (value.IsEmpty) return;
        if (_lastNameLength < 0 || _lastName.AsSpan(0, _lastNameLength).SequenceCompareTo(name) < 0)
        {
            _builder.Add(name, value);
            Remember(name);
        }
        else
        {
            _builder.Set(name, value);
        }
    }

    public Labels End() => _builder.ToLabels();

    private static ReadOnlySpan<byte> Valid(ReadOnlySpan<byte> text) =>
        Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));

    private void Remember(ReadOnlySpan<byte> name)
    {
        if (_lastName.Length < name.Length) _lastName = new byte[name.Length * 2];
        name.CopyTo(_lastName);
        _lastNameLength = name.Length;
    }
}

/// <summary><see cref="Labels"/> as repeated <c>Label</c> messages in field 1.</summary>
internal static class LabelsEncoder
{
    public static long SizeOf(Labels labels)
    {
        long size = 0;
        foreach (var label in labels) size += ProtoWriter.SizeOfField(SizeOf(label));
        return size;
    }

    public static void Write(ref ProtoWriter writer, Labels labels)
    {
        foreach (var label in labels)
        {
            writer.WriteLength(0x0A, SizeOf(label));
            if (!label.Name.IsEmpty) writer.WriteBytes(0x0A, label.Name);
            if (!label.Value.IsEmpty) writer.WriteBytes(0x12, label.Value);
        }
    }

    private static long SizeOf(LabelPair label) =>
        (label.Name.IsEmpty ? 0 : ProtoWriter.SizeOfField(label.Name.Length))
        + (label.Value.IsEmpty ? 0 : ProtoWriter.SizeOfField(label.Value.Length));
}
