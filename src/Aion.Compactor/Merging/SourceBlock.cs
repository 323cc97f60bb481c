using Aion.Blocks;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>
/// A downloaded block to read from: its meta, its index (mapped), its tombstones and its chunk files (read forward). Thread-safe.
/// </summary>
public sealed class SourceBlock : IDisposable
{
    private SourceBlock(BlockMeta meta, string directory, IndexReader index, Tombstones tombstones, ChunkSegmentFiles segments)
    {
        Meta = meta;
        Directory = directory;
        Index = index;
        Tombstones = tombstones;
        Segments = segments;
    }

    public BlockMeta Meta { get; }

    public string Directory { get; }

    public IndexReader Index { get; }

    public Tombstones Tombstones { get; }

    internal ChunkSegmentFiles Segments { get; }

    /// <summary>Last millisecond of the block's range, inclusive.</summary>
    internal long LastMs => Meta.MaxTimeMs - 1;

    /// <exception cref="SourceDamagedException">
    /// A part is missing, or is damaged where the block can't be read without it: the index's tables, the head of a chunk file, the tombstones.
    /// </exception>
    public static SourceBlock Open(BlockMeta meta, string directory)
    {
        ChunkSegmentFiles? segments = null;
        try
        {
            Tombstones tombstones = Tombstones.Read(Path.Combine(directory, "tombstones"));
            segments = ChunkSegmentFiles.Open(Path.Combine(directory, "chunks"));
            return new SourceBlock(meta, directory, IndexReader.Open(Path.Combine(directory, "index")), tombstones, segments);
        }
        catch (Exception e) when (e is TsdbCorruptionException or FileNotFoundException or DirectoryNotFoundException)
        {
            segments?.Dispose();
            throw new SourceDamagedException(meta.Id, e.Message, e);
        }
        catch
        {
            segments?.Dispose();
            throw;
        }
    }

    /// <summary>One chunk, in bytes of its own.</summary>
    /// <exception cref="TsdbCorruptionException">The reference leads to no whole, undamaged chunk.</exception>
    internal Chunk ReadChunk(ChunkMeta meta)
    {
        if (meta.Segment < 0 || meta.Segment >= Segments.Count)
            throw new TsdbCorruptionException(Directory, meta.Offset, $"segment {meta.Segment + 1L} of {Segments.Count} is not there");
        var bytes = new byte[ChunkRecord.MaxHeadBytes + 4096];
        int read = Segments.Read(meta.Segment, meta.Offset, bytes);
        if (ChunkRecord.TryRead(bytes.AsMemory(0, read), out Chunk chunk, out long needed)) return chunk;
        if (needed == 0 || needed > Segments.LengthOf(meta.Segment) - meta.Offset)
            throw new TsdbCorruptionException(Segments.PathOf(meta.Segment), meta.Offset, $"a chunk of {needed} bytes runs over the end of the file");
        bytes = new byte[needed];
        read = Segments.Read(meta.Segment, meta.Offset, bytes);
        ChunkRecord.TryRead(bytes.AsMemory(0, read), out chunk, out _);
        return chunk;
    }

    public void Dispose()
    {
        Index.Dispose();
        Segments.Dispose();
    }
}
