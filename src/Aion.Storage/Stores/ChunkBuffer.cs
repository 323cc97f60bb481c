using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Aion.Storage;

/// <summary>
/// Pooled memory that holds the chunks of one received message. Whoever is done with chunks says so with <see cref="Release"/>; with the
/// last of them the memory goes back to the pool. Nobody has to: what is not released is left to the collector. Reading a chunk after its
/// release fails rather than giving the bytes of another message. Thread-safe.
/// </summary>
public sealed class ChunkBuffer : MemoryManager<byte>
{
    private readonly int _length;
    private byte[] _bytes;
    private int _chunks;

    private ChunkBuffer(int length)
    {
        _length = length;
        _bytes = ArrayPool<byte>.Shared.Rent(length);
    }

    /// <summary>A buffer of exactly that length; its content is undefined.</summary>
    public static ChunkBuffer Rent(int length) => new(length);

    public override Span<byte> GetSpan() => _bytes.AsSpan(0, _length);

    /// <summary>
    /// Says how many chunks, parts of aggregate chunks counted one by one (<see cref="PartsOf"/>), lie in here. Called once, when all are
    /// known, some of which may have been released by then.
    /// </summary>
    public void Hold(int chunks)
    {
        if (Interlocked.Add(ref _chunks, chunks) == 0) Recycle();
    }

    /// <summary>How often <see cref="Release"/> counts a chunk.</summary>
    public static int PartsOf(in SeriesChunk chunk)
    {
        int parts = chunk.Raw.Data.IsEmpty ? 0 : 1;
        if (chunk.Downsampled is not { } all) return parts;
        ReadOnlySpan<Chunk> slots = [all.Count, all.Sum, all.Min, all.Max, all.Counter];
        foreach (ref readonly Chunk slot in slots)
            if (!slot.Data.IsEmpty) parts++;
        return parts;
    }

    /// <summary>What a buffer of that length takes in memory: the pool has arrays of certain sizes only.</summary>
    public static int CapacityOf(int length) => (int)Math.Min(Array.MaxLength, BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, length)));

    /// <summary>Ends the use of all chunks of these series, each once; those that lie elsewhere are left alone.</summary>
    public static void Release(IReadOnlyList<ChunkSeries> series)
    {
        var run = default(Run);
        for (var i = 0; i < series.Count; i++)
        {
            IReadOnlyList<SeriesChunk> chunks = series[i].Chunks;
            for (var c = 0; c < chunks.Count; c++)
            {
                SeriesChunk chunk = chunks[c];
                run.Add(chunk.Raw);
                if (chunk.Downsampled is not { } parts) continue;
                run.Add(parts.Count);
                run.Add(parts.Sum);
                run.Add(parts.Min);
                run.Add(parts.Max);
                run.Add(parts.Counter);
            }
        }

        run.End();
    }

    /// <summary>An array can't be pinned by who holds a slice: nobody here needs it, and the pool could not know.</summary>
    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("chunks of a message are not pinned");

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Drop(int chunks)
    {
        if (Interlocked.Add(ref _chunks, -chunks) == 0) Recycle();
    }

    private void Recycle()
    {
        byte[] bytes = Interlocked.Exchange(ref _bytes, []);
        if (bytes.Length > 0) ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>Chunks that follow one another mostly lie in the same buffer, which is told once.</summary>
    private struct Run
    {
        private ChunkBuffer? _owner;
        private int _chunks;

        public void Add(in Chunk chunk)
        {
            if (chunk.Data.IsEmpty || !MemoryMarshal.TryGetMemoryManager(chunk.Data, out ChunkBuffer? owner)) return;
            if (!ReferenceEquals(owner, _owner)) End();
            _owner = owner;
            _chunks++;
        }

        public void End()
        {
            if (_chunks > 0) _owner!.Drop(_chunks);
            _chunks = 0;
        }
    }
}
