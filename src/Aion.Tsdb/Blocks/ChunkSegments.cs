using System.Buffers.Binary;
using System.Globalization;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>The bytes of one chunk in a segment file: uvarint length, encoding, data, checksum (format notes F-5.2).</summary>
public static class ChunkRecord
{
    public const uint SegmentMagic = 0x85BD40DD;
    public const int SegmentHeaderBytes = 8;
    public const byte SegmentVersion = 1;

    /// <summary>Most bytes that length and encoding take.</summary>
    public const int MaxHeadBytes = 6;

    /// <summary>
    /// Reads the chunk that starts the bytes and checks its checksum. Returns false when the bytes end before the chunk does;
    /// <paramref name="recordBytes"/> then says how many it takes (0 when not even its length can be read).
    /// </summary>
    /// <param name="bytes">From the length on; more may follow. The chunk's data is a slice of them.</param>
    /// <exception cref="TsdbCorruptionException">The checksum or the length can't be right.</exception>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out Chunk chunk, out long recordBytes)
    {
        chunk = default;
        recordBytes = 0;
        var cursor = new ByteCursor(bytes.Span[..Math.Min(bytes.Length, MaxHeadBytes)]);
        ulong length = cursor.ReadUVarint();
        if (cursor.Failed)
        {
            if (bytes.Length >= MaxHeadBytes) TsdbCorruptionException.Throw(0, "chunk: the length is no number");
            return false;
        }

        if (length > int.MaxValue / 2) TsdbCorruptionException.Throw(0, $"chunk: {length} bytes long");
        int start = cursor.Position;
        int end = start + 1 + (int)length;
        recordBytes = end + sizeof(uint);
        if (recordBytes > bytes.Length) return false;
        ReadOnlySpan<byte> span = bytes.Span;
        uint stored = BinaryPrimitives.ReadUInt32BigEndian(span[end..]);
        uint computed = Crc32C.Compute(span[start..end]);
        if (stored != computed) TsdbCorruptionException.Throw(0, $"chunk: checksum {computed:x8}, stored is {stored:x8}");
        chunk = new Chunk((ChunkEncoding)span[start], bytes.Slice(start + 1, (int)length));
        return true;
    }

    /// <summary>Bytes that a record of this much data takes.</summary>
    public static int SizeOf(int dataLength) => Varint.SizeOf((ulong)dataLength) + 1 + dataLength + sizeof(uint);

    /// <summary>Bytes of data in a whole record.</summary>
    public static int DataLengthOf(ReadOnlySpan<byte> record)
    {
        var head = 1;
        while (record[head - 1] >= 0x80) head++;
        return record.Length - head - 1 - sizeof(uint);
    }

    /// <summary>
    /// Makes a record around data that stands where it belongs already: <see cref="DataOffset"/> bytes into <paramref name="target"/>.
    /// </summary>
    /// <param name="target">As long as <see cref="SizeOf"/> says.</param>
    public static void WriteAround(Span<byte> target, ChunkEncoding encoding, int dataLength)
    {
        int at = Varint.WriteUVarint(target, (ulong)dataLength);
        target[at] = (byte)encoding;
        int end = at + 1 + dataLength;
        BinaryPrimitives.WriteUInt32BigEndian(target[end..], Crc32C.Compute(target[at..end]));
    }

    /// <summary>Where the data starts in a record.</summary>
    public static int DataOffset(int dataLength) => Varint.SizeOf((ulong)dataLength) + 1;

    /// <exception cref="TsdbCorruptionException">Too short, another magic number, or a version that is not known.</exception>
    public static void CheckSegmentHeader(ReadOnlySpan<byte> head)
    {
        if (head.Length < SegmentHeaderBytes) TsdbCorruptionException.Throw(head.Length, "chunk segment: the header is cut off");
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (magic != SegmentMagic) TsdbCorruptionException.Throw(0, $"chunk segment: magic number {magic:x8}, expected {SegmentMagic:x8}");
        if (head[4] != SegmentVersion) TsdbCorruptionException.Throw(4, $"chunk segment: version {head[4]} is not known");
    }
}

/// <summary>
/// The mapped chunk segment files of a block, in order. Thread-safe; chunks point into the files and live as long as they do.
/// </summary>
internal sealed class ChunkSegments : IDisposable
{
    /// <summary>What is looked at first; longer chunks are read again whole.</summary>
    private const int GuessBytes = 16_384;

    private readonly List<MappedFile> _files = [];

    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="TsdbCorruptionException">A file's header is damaged.</exception>
    public static ChunkSegments Open(string directory)
    {
        var segments = new ChunkSegments();
        try
        {
            foreach (string path in SegmentPaths(directory))
            {
                MappedFile file = MappedFile.Open(path);
                segments._files.Add(file);
                try
                {
                    ChunkRecord.CheckSegmentHeader(file.SliceFrom(0, ChunkRecord.SegmentHeaderBytes).Span);
                }
                catch (TsdbCorruptionException e) when (e.Path.Length == 0)
                {
                    throw e.In(path, 0);
                }
            }

            return segments;
        }
        catch
        {
            segments.Dispose();
            throw;
        }
    }

    /// <exception cref="TsdbCorruptionException">The reference leads to no whole, undamaged chunk.</exception>
    public Chunk Read(ChunkMeta meta)
    {
        if (meta.Segment < 0 || meta.Segment >= _files.Count)
            throw new TsdbCorruptionException("chunks", meta.Offset, $"segment {meta.Segment + 1L} of {_files.Count} is not there");
        MappedFile file = _files[meta.Segment];
        try
        {
            if (meta.Offset < ChunkRecord.SegmentHeaderBytes)
                TsdbCorruptionException.Throw(0, "chunk: the reference leads into the file's header");
            if (ChunkRecord.TryRead(file.SliceFrom(meta.Offset, GuessBytes), out Chunk chunk, out long needed)) return chunk;
            if (needed == 0 || needed > file.Length - meta.Offset)
                TsdbCorruptionException.Throw(0, $"chunk: {needed} bytes run over the end of the file of {file.Length}");
            ChunkRecord.TryRead(file.Slice(meta.Offset, needed), out chunk, out _);
            return chunk;
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw e.In(file.Path, meta.Offset);
        }
    }

    public void Dispose()
    {
        foreach (MappedFile file in _files) file.Dispose();
    }

    /// <summary>Files with names of digits only, by number; position is what references count.</summary>
    internal static string[] SegmentPaths(string directory) =>
        [.. Directory.EnumerateFiles(directory)
            .Select(path => (Path: path, Number: NumberOf(Path.GetFileName(path))))
            .Where(f => f.Number >= 0).OrderBy(f => f.Number).Select(f => f.Path)];

    private static long NumberOf(string name) =>
        long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1;
}
