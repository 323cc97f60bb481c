using System.Buffers.Binary;
using System.Text;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.Compactor.Tests;

/// <summary>
/// Writes blocks that a proper writer refuses: chunks out of order, series and labels out of order. The chunks of a series are given as
/// texts of their sample times; a sample's value is its time. With <c>agg</c> in front they are the windows of an aggregate chunk, each of two
/// samples.
/// </summary>
internal sealed class LooseBlock : IDisposable
{
    private readonly MemoryStream _index = new();
    private readonly List<string> _symbols;
    private readonly List<(uint Id, string[] Labels)> _series = [];

    private LooseBlock(string directory, IEnumerable<string> symbols)
    {
        Directory = directory;
        _symbols = [.. symbols.Append("").Distinct().Order(StringComparer.Ordinal)];
    }

    public string Directory { get; }

    /// <summary>One series, <c>{__name__="x"}</c>.</summary>
    public static LooseBlock Of(TempDirectory temp, string folder, string[] chunks) =>
        Of(temp, folder, [(["__name__", "x"], chunks)]);

    public static LooseBlock Of(TempDirectory temp, string folder, (string[] Labels, string[] Chunks)[] series)
    {
        string directory = temp.Combine(folder);
        System.IO.Directory.CreateDirectory(Path.Combine(directory, "chunks"));
        var block = new LooseBlock(directory, series.SelectMany(s => s.Labels));
        block.Write(series);
        return block;
    }

    public SourceBlock Open(long minMs, long maxMs, long resolutionMs = 0) =>
        SourceBlock.Open(TestSources.MetaOf(BlockId.New(TimeProvider.System), minMs, maxMs, resolutionMs), Directory);

    public void Dispose() => _index.Dispose();

    private void Write((string[] Labels, string[] Chunks)[] series)
    {
        using var chunks = new MemoryStream();
        chunks.Write([0x85, 0xBD, 0x40, 0xDD, 1, 0, 0, 0]);
        _index.Write([0xBA, 0xAA, 0xD7, 0x00, 2]);
        Section(body =>
        {
            UInt32(body, (uint)_symbols.Count);
            foreach (string symbol in _symbols) Text(body, symbol);
        });
        long seriesStart = _index.Position;
        foreach (var (labels, texts) in series) WriteSeries(labels, texts, chunks);
        long afterSeries = _index.Position;
        List<(string Name, string Value, long Offset)> table = [("", "", List([.. _series.Select(s => s.Id)]))];
        foreach (var pair in _series.SelectMany(s => s.Labels.Chunk(2)).Select(p => (Name: p[0], Value: p[1])).Distinct()
            .OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Value, StringComparer.Ordinal))
        {
            uint[] ids = [.. _series.Where(s => s.Labels.Chunk(2).Any(p => p[0] == pair.Name && p[1] == pair.Value)).Select(s => s.Id)];
            table.Add((pair.Name, pair.Value, List(ids)));
        }

        long tableOffset = _index.Position;
        Section(body =>
        {
            UInt32(body, (uint)table.Count);
            foreach (var (name, value, offset) in table)
            {
                UVarint(body, 2);
                Text(body, name);
                Text(body, value);
                UVarint(body, (ulong)offset);
            }
        });
        var toc = new byte[IndexToc.SizeBytes];
        new IndexToc(5, seriesStart, afterSeries, tableOffset, afterSeries, tableOffset).Write(toc);
        _index.Write(toc);
        File.WriteAllBytes(Path.Combine(Directory, "index"), _index.ToArray());
        File.WriteAllBytes(Path.Combine(Directory, "chunks", "000001"), chunks.ToArray());
    }

    private void WriteSeries(string[] labels, string[] texts, MemoryStream chunks)
    {
        using var body = new MemoryStream();
        UVarint(body, (ulong)labels.Length / 2);
        foreach (string label in labels) UVarint(body, (ulong)_symbols.IndexOf(label));
        UVarint(body, (ulong)texts.Length);
        long lastMax = 0, lastRef = 0;
        for (var i = 0; i < texts.Length; i++)
        {
            bool isAggregate = texts[i].StartsWith("agg ", StringComparison.Ordinal);
            long[] times = [.. texts[i][(isAggregate ? 4 : 0)..].Split(' ').Select(long.Parse)];
            long reference = chunks.Position;
            WriteChunk(isAggregate ? Aggregated(times) : Floats(times, t => t), chunks);
            if (i == 0) Varint(body, times[0]);
            else UVarint(body, unchecked((ulong)(times[0] - lastMax)));
            UVarint(body, (ulong)(times[^1] - times[0]));
            if (i == 0) UVarint(body, (ulong)reference);
            else Varint(body, reference - lastRef);
            (lastMax, lastRef) = (times[^1], reference);
        }

        while (_index.Position % 16 != 0) _index.WriteByte(0);
        _series.Add(((uint)(_index.Position / 16), labels));
        UVarint(_index, (ulong)body.Length);
        _index.Write(body.ToArray());
        UInt32(_index, Crc32C.Compute(body.ToArray()));
    }

    private static Chunk Floats(long[] times, Func<long, double> value)
    {
        var writer = new XorChunkWriter();
        foreach (long time in times) writer.Append(time, value(time));
        return writer.ToChunk();
    }

    private static Chunk Aggregated(long[] times) => AggregateChunkCodec.Join(new AggregateChunks(
        Floats(times, _ => 2), Floats(times, t => 2 * t), Floats(times, t => t), Floats(times, t => t), Floats([.. times, times[^1]], t => t)));

    private static void WriteChunk(Chunk chunk, MemoryStream chunks)
    {
        var record = new byte[ChunkRecord.SizeOf(chunk.Data.Length)];
        chunk.Data.Span.CopyTo(record.AsSpan(ChunkRecord.DataOffset(chunk.Data.Length)));
        ChunkRecord.WriteAround(record, chunk.Encoding, chunk.Data.Length);
        chunks.Write(record);
    }

    private long List(uint[] ids)
    {
        while (_index.Position % 4 != 0) _index.WriteByte(0);
        long offset = _index.Position;
        Section(body =>
        {
            UInt32(body, (uint)ids.Length);
            foreach (uint id in ids) UInt32(body, id);
        });
        return offset;
    }

    private void Section(Action<MemoryStream> write)
    {
        using var body = new MemoryStream();
        write(body);
        UInt32(_index, (uint)body.Length);
        _index.Write(body.ToArray());
        UInt32(_index, Crc32C.Compute(body.ToArray()));
    }

    private static void Text(MemoryStream into, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        UVarint(into, (ulong)bytes.Length);
        into.Write(bytes);
    }

    private static void UInt32(MemoryStream into, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        into.Write(bytes);
    }

    private static void Varint(MemoryStream into, long value) => UVarint(into, (ulong)(value << 1) ^ (ulong)(value >> 63));

    private static void UVarint(MemoryStream into, ulong value)
    {
        for (; value >= 0x80; value >>= 7) into.WriteByte((byte)(value | 0x80));
        into.WriteByte((byte)value);
    }
}
