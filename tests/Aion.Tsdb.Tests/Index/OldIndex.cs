using System.Buffers.Binary;

namespace Aion.Tsdb.Tests;

/// <summary>Makes a small version 1 index as Prometheus 2.0 wrote them: symbols by offset, series ids that are offsets, an unsorted table.</summary>
internal static class OldIndex
{
    /// <param name="series">Label sets in order, as alternating names and values, each with the closed range of its one chunk.</param>
    public static byte[] Build(params (string[] Labels, long MinMs, long MaxMs)[] series)
    {
        var file = new MemoryStream();
        file.Write([0xBA, 0xAA, 0xD7, 0x00, 1]);
        string[] symbols = [.. series.SelectMany(s => s.Labels).Append("").Distinct().Order(StringComparer.Ordinal)];
        var offsets = new Dictionary<string, uint>();
        WriteSection(file, body =>
        {
            WriteUInt32(body, (uint)symbols.Length);
            foreach (string symbol in symbols)
            {
                offsets[symbol] = (uint)(5 + 4 + body.Position);
                WriteText(body, symbol);
            }
        });
        long seriesStart = file.Position;
        var lists = new Dictionary<(string, string), List<uint>>();
        foreach (var (labels, min, max) in series)
        {
            var body = new MemoryStream();
            WriteUVarint(body, (ulong)labels.Length / 2);
            foreach (string text in labels) WriteUVarint(body, offsets[text]);
            WriteUVarint(body, 1);
            WriteUVarint(body, (ulong)min << 1);
            WriteUVarint(body, (ulong)(max - min));
            WriteUVarint(body, 8);
            var id = (uint)file.Position;
            WriteUVarint(file, (ulong)body.Length);
            file.Write(body.ToArray());
            WriteUInt32(file, Crc32C.Compute(body.ToArray()));
            for (var i = 0; i < labels.Length; i += 2) Add((labels[i], labels[i + 1]), id);
            Add(("", ""), id);
        }

        long postings = file.Position;
        // Backwards: neither lists nor table are in the order of names.
        var table = new List<((string Name, string Value) Pair, long Offset)>();
        foreach (var pair in lists.Keys.Reverse())
        {
            while (file.Position % 4 != 0) file.WriteByte(0);
            table.Add((pair, file.Position));
            WriteSection(file, body =>
            {
                WriteUInt32(body, (uint)lists[pair].Count);
                foreach (uint id in lists[pair]) WriteUInt32(body, id);
            });
        }

        long tableStart = file.Position;
        WriteSection(file, body =>
        {
            WriteUInt32(body, (uint)table.Count);
            foreach (var (pair, offset) in table.AsEnumerable().Reverse())
            {
                WriteUVarint(body, 2);
                WriteText(body, pair.Name);
                WriteText(body, pair.Value);
                WriteUVarint(body, (ulong)offset);
            }
        });
        var toc = new byte[IndexToc.SizeBytes];
        new IndexToc(5, seriesStart, postings, tableStart, postings, tableStart).Write(toc);
        file.Write(toc);
        return file.ToArray();

        void Add((string, string) pair, uint id)
        {
            if (!lists.TryGetValue(pair, out List<uint>? ids)) lists.Add(pair, ids = []);
            ids.Add(id);
        }
    }

    /// <summary>A section around a body: length, body, checksum.</summary>
    public static byte[] Section(byte[] body)
    {
        var section = new MemoryStream();
        WriteSection(section, s => s.Write(body));
        return section.ToArray();
    }

    private static void WriteSection(MemoryStream file, Action<MemoryStream> write)
    {
        var body = new MemoryStream();
        write(body);
        WriteUInt32(file, (uint)body.Length);
        file.Write(body.ToArray());
        WriteUInt32(file, Crc32C.Compute(body.ToArray()));
    }

    private static void WriteText(MemoryStream stream, string text)
    {
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(text);
        WriteUVarint(stream, (ulong)utf8.Length);
        stream.Write(utf8);
    }

    private static void WriteUVarint(MemoryStream stream, ulong value)
    {
        Span<byte> bytes = stackalloc byte[Varint.MaxBytes];
        stream.Write(bytes[..Varint.WriteUVarint(bytes, value)]);
    }

    private static void WriteUInt32(MemoryStream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        stream.Write(bytes);
    }
}
