using System.Buffers.Binary;

namespace Aion.Tsdb;

/// <summary>
/// The postings offset table of a version 1 index, whose entries are in no order. Gives the same entries sorted, each followed by a
/// uvarint of where its list ends, since the entry that follows no longer tells.
/// </summary>
internal static class UnsortedPostingsOffsets
{
    public static byte[] Sort(ReadOnlySpan<byte> body, long tableOffset)
    {
        List<Entry> entries = ReadAll(body);
        var starts = new long[entries.Count];
        for (var i = 0; i < starts.Length; i++) starts[i] = entries[i].Offset;
        Array.Sort(starts);
        entries.Sort(static (a, b) =>
        {
            int order = a.Name.AsSpan().SequenceCompareTo(b.Name);
            return order != 0 ? order : a.Value.AsSpan().SequenceCompareTo(b.Value);
        });

        var writer = new MemoryStream(body.Length + entries.Count * 5);
        Span<byte> number = stackalloc byte[Varint.MaxBytes];
        BinaryPrimitives.WriteInt32BigEndian(number, entries.Count);
        writer.Write(number[..sizeof(int)]);
        foreach (Entry entry in entries)
        {
            int at = Array.BinarySearch(starts, entry.Offset);
            while (at < starts.Length && starts[at] == entry.Offset) at++;
            writer.WriteByte(2);
            WriteText(writer, entry.Name, number);
            WriteText(writer, entry.Value, number);
            writer.Write(number[..Varint.WriteUVarint(number, (ulong)entry.Offset)]);
            writer.Write(number[..Varint.WriteUVarint(number, (ulong)(at < starts.Length ? starts[at] : tableOffset))]);
        }

        return writer.ToArray();
    }

    private static List<Entry> ReadAll(ReadOnlySpan<byte> body)
    {
        var cursor = new ByteCursor(body);
        uint count = cursor.ReadUInt32();
        var entries = new List<Entry>();
        for (uint i = 0; i < count; i++)
        {
            int start = cursor.Position;
            ulong tag = cursor.ReadUVarint();
            byte[] name = cursor.ReadText().ToArray();
            byte[] value = cursor.ReadText().ToArray();
            ulong offset = cursor.ReadUVarint();
            if (cursor.Failed || tag != 2 || offset > long.MaxValue)
                TsdbCorruptionException.Throw(start, $"index: entry {i} of {count} of the postings offset table is damaged");
            entries.Add(new Entry(name, value, (long)offset));
        }

        return entries;
    }

    private static void WriteText(MemoryStream writer, byte[] text, Span<byte> number)
    {
        writer.Write(number[..Varint.WriteUVarint(number, (ulong)text.Length)]);
        writer.Write(text);
    }

    private readonly record struct Entry(byte[] Name, byte[] Value, long Offset);
}
