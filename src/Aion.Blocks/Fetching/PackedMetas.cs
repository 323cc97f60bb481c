using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Aion.Model;
using Aion.Tsdb;

namespace Aion.Blocks;

/// <summary>
/// All metas of a bucket in one local file, so that a start over many thousands of blocks reads one file and parses no JSON. Texts and label
/// sets that several blocks have are stored, and held in memory, once. Layout: magic and version, count, metas, checksum of all before.
/// A cache of our own: any damage means that it is not there.
/// </summary>
internal static class PackedMetas
{
    private const uint Magic = 0x41494D31; // "AIM1"

    public static byte[] Encode(IReadOnlyCollection<BlockMeta> metas)
    {
        var stream = new MemoryStream(metas.Count * 200);
        using var writer = new PackedMetaWriter(stream);
        writer.Write(Magic);
        writer.Write7BitEncodedInt(metas.Count);
        foreach (BlockMeta meta in metas) writer.Write(meta);
        writer.Flush();
        uint checksum = Crc32C.Compute(stream.GetBuffer().AsSpan(0, (int)stream.Length));
        writer.Write(checksum);
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="FormatException">The bytes are not what was encoded.</exception>
    public static List<BlockMeta> Decode(byte[] bytes)
    {
        int length = bytes.Length - sizeof(uint);
        if (length < sizeof(uint) || Crc32C.Compute(bytes.AsSpan(0, length)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(length)))
            throw new FormatException("the checksum does not fit");
        using var reader = new PackedMetaReader(new MemoryStream(bytes, 0, length, writable: false));
        if (reader.ReadUInt32() != Magic) throw new FormatException("it is of another version");
        try
        {
            var metas = new List<BlockMeta>();
            for (int left = reader.Read7BitEncodedInt(); left > 0; left--) metas.Add(reader.ReadMeta());
            return metas;
        }
        catch (Exception e) when (e is EndOfStreamException or JsonException or ArgumentException)
        {
            throw new FormatException(e.Message, e);
        }
    }
}

/// <summary>Writes metas one behind the other.</summary>
internal sealed class PackedMetaWriter(Stream stream) : BinaryWriter(stream, new UTF8Encoding(false), leaveOpen: true)
{
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<Labels, int> _labels = [];

    public void Write(BlockMeta meta)
    {
        Write(meta.Id);
        Write7BitEncodedInt64(meta.MinTimeMs);
        Write7BitEncodedInt64(meta.MaxTimeMs);
        BlockStats stats = meta.Stats;
        foreach (ulong number in (ReadOnlySpan<ulong>)[stats.Samples, stats.FloatSamples, stats.HistogramSamples, stats.Series, stats.Chunks, stats.Tombstones])
            Write7BitEncodedInt64((long)number);
        Write(meta.Compaction);
        Write(meta.Thanos);
    }

    private void Write(BlockCompaction compaction)
    {
        Write7BitEncodedInt(compaction.Level);
        Write(compaction.Sources, Write);
        Write(compaction.Deletable);
        Write(compaction.Parents, parent =>
        {
            Write(parent.Id);
            Write7BitEncodedInt64(parent.MinTimeMs);
            Write7BitEncodedInt64(parent.MaxTimeMs);
        });
        Write(compaction.Failed);
        Write(compaction.Hints, WriteText);
    }

    private void Write(ThanosMeta thanos)
    {
        Write7BitEncodedInt(thanos.Version);
        WriteLabels(thanos.Labels);
        Write7BitEncodedInt64(thanos.ResolutionMs);
        WriteText(thanos.Source);
        Write(thanos.SegmentFiles, WriteText);
        Write(thanos.Files, file =>
        {
            WriteText(file.RelativePath);
            Write7BitEncodedInt64(file.SizeBytes);
            Write(file.Hash is not null);
            if (file.Hash is null) return;
            WriteText(file.Hash.Function);
            Write(file.Hash.Value);
        });
        WriteJson(thanos.Rewrites);
        Write7BitEncodedInt64(thanos.IndexStats.SeriesMaxSizeBytes);
        Write7BitEncodedInt64(thanos.IndexStats.ChunkMaxSizeBytes);
        WriteJson(thanos.Extensions);
        Write(thanos.UploadTime is not null);
        if (thanos.UploadTime is not { } time) return;
        Write7BitEncodedInt64(time.Ticks);
        Write7BitEncodedInt64(time.Offset.Ticks);
    }

    private void Write(BlockId id) => Write(id.Value.ToByteArray());

    private void Write<T>(IReadOnlyList<T> items, Action<T> write)
    {
        Write7BitEncodedInt(items.Count);
        foreach (T item in items) write(item);
    }

    /// <summary>Its number among the texts so far; the text itself where it is new.</summary>
    private void WriteText(string text)
    {
        if (_texts.TryGetValue(text, out int number))
        {
            Write7BitEncodedInt(number);
            return;
        }

        Write7BitEncodedInt(_texts.Count);
        _texts.Add(text, _texts.Count);
        Write(text);
    }

    private void WriteLabels(Labels labels)
    {
        if (_labels.TryGetValue(labels, out int number))
        {
            Write7BitEncodedInt(number);
            return;
        }

        Write7BitEncodedInt(_labels.Count);
        _labels.Add(labels, _labels.Count);
        Write7BitEncodedInt(labels.Count);
        foreach (var label in labels)
        {
            Write7BitEncodedInt(label.Name.Length);
            Write(label.Name);
            Write7BitEncodedInt(label.Value.Length);
            Write(label.Value);
        }
    }

    private void WriteJson(JsonElement? json) => WriteText(json?.GetRawText() ?? "");
}

/// <summary>Reads what <see cref="PackedMetaWriter"/> wrote.</summary>
internal sealed class PackedMetaReader(Stream stream) : BinaryReader(stream, new UTF8Encoding(false), leaveOpen: false)
{
    private readonly List<string> _texts = [];
    private readonly List<Labels> _labels = [];

    public BlockMeta ReadMeta() => new()
    {
        Id = ReadId(),
        MinTimeMs = Read7BitEncodedInt64(),
        MaxTimeMs = Read7BitEncodedInt64(),
        Stats = new BlockStats
        {
            Samples = ReadUnsigned(),
            FloatSamples = ReadUnsigned(),
            HistogramSamples = ReadUnsigned(),
            Series = ReadUnsigned(),
            Chunks = ReadUnsigned(),
            Tombstones = ReadUnsigned(),
        },
        Compaction = new BlockCompaction
        {
            Level = Read7BitEncodedInt(),
            Sources = ReadList(ReadId),
            Deletable = ReadBoolean(),
            Parents = ReadList(() => new ParentBlock(ReadId(), Read7BitEncodedInt64(), Read7BitEncodedInt64())),
            Failed = ReadBoolean(),
            Hints = ReadList(ReadText),
        },
        Thanos = ReadThanos(),
    };

    private ThanosMeta ReadThanos() => new()
    {
        Version = Read7BitEncodedInt(),
        Labels = ReadLabels(),
        ResolutionMs = Read7BitEncodedInt64(),
        Source = ReadText(),
        SegmentFiles = ReadList(ReadText),
        Files = ReadList(() => new BlockFile(ReadText(), Read7BitEncodedInt64(), ReadBoolean() ? new FileHash(ReadText(), ReadString()) : null)),
        Rewrites = ReadJson(),
        IndexStats = new IndexStats(Read7BitEncodedInt64(), Read7BitEncodedInt64()),
        Extensions = ReadJson(),
        UploadTime = ReadBoolean() ? new DateTimeOffset(Read7BitEncodedInt64(), new TimeSpan(Read7BitEncodedInt64())) : null,
    };

    private ulong ReadUnsigned() => (ulong)Read7BitEncodedInt64();

    private BlockId ReadId()
    {
        Span<byte> bytes = stackalloc byte[16];
        ReadExactly(bytes);
        return new BlockId(new Ulid(bytes));
    }

    private T[] ReadList<T>(Func<T> read)
    {
        int count = Read7BitEncodedInt();
        if (count == 0) return [];
        if (count < 0 || count > BaseStream.Length) throw new FormatException($"a list of {count}");
        var items = new T[count];
        for (var i = 0; i < count; i++) items[i] = read();
        return items;
    }

    private string ReadText()
    {
        int number = Read7BitEncodedInt();
        if (number == _texts.Count) _texts.Add(ReadString());
        return _texts[number];
    }

    private Labels ReadLabels()
    {
        int number = Read7BitEncodedInt();
        if (number == _labels.Count)
        {
            var builder = new LabelsBuilder();
            for (int left = Read7BitEncodedInt(); left > 0; left--) builder.Add(ReadBytes(Read7BitEncodedInt()), ReadBytes(Read7BitEncodedInt()));
            _labels.Add(builder.ToLabels());
        }

        return _labels[number];
    }

    private JsonElement? ReadJson()
    {
        string text = ReadText();
        if (text.Length == 0) return null;
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
