using System.Buffers;
using Aion.ObjectStorage;
using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>
/// Fetches ranges of one chunk file into pooled buffers. Ranges near each other share a request, whose bytes are taken as they come: those
/// between the ranges are never held, so that few requests do not mean much memory. Used once.
/// </summary>
internal sealed class ChunkFetch(IBucket bucket, string key, ByteRange[] ranges, ReadContext context) : IDisposable
{
    /// <summary>Capacity of a buffer: one of the sizes that the pool keeps many of.</summary>
    public const int BufferBytes = 256 * 1024;

    private const int SkipBytes = 16 * 1024;

    /// <summary>What a cache puts together before it hands out a stream, it holds.</summary>
    private const long CachedPartBytes = 4 * 1024 * 1024;

    private const int CachedConcurrency = 4;

    private readonly Buffer[] _owners = new Buffer[ranges.Length];
    private readonly List<Buffer> _buffers = [];
    private readonly Lock _lock = new();

    /// <summary>Per range what was read of it: shorter where the object ends.</summary>
    public ReadOnlyMemory<byte>[] Frames { get; } = new ReadOnlyMemory<byte>[ranges.Length];

    public long ChargedBytes { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        List<RangePart> parts = RangePartitioner.Partition(
            ranges, maxPartBytes: IsCached ? CachedPartBytes : RangePartitioner.DefaultPartBytes, joinsOverlaps: false);
        if (parts.Count == 1)
        {
            await ReadAsync(parts[0], cancellationToken);
            return;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = IsCached ? CachedConcurrency : RangeFetcher.MaxConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(parts, options, async (part, token) => await ReadAsync(part, token));
    }

    /// <summary>Fetches again a chunk that is longer than was thought; false when it is cut off.</summary>
    public async Task<bool> RefetchAsync(int index, int length, CancellationToken cancellationToken)
    {
        Buffer buffer = Rent(length);
        int read = await bucket.ReadRangeAsync(key, ranges[index].Start, buffer.Memory, cancellationToken);
        (Frames[index], _owners[index]) = (buffer.Memory[..read], buffer);
        return read == length;
    }

    /// <summary>A chunk goes out that lies in a range.</summary>
    public void Count(int index, in SeriesChunk chunk) => _owners[index].Parts += ChunkBuffer.PartsOf(chunk);

    /// <summary>From now on the buffers belong to the chunks in them. Without this they are left to the collector.</summary>
    public void HandOut()
    {
        foreach (Buffer buffer in _buffers) buffer.Owner.Hold(buffer.Parts);
        _buffers.Clear();
    }

    public void Dispose() => _buffers.Clear();

    private bool IsCached => bucket is CachingBucket;

    private async Task ReadAsync(RangePart part, CancellationToken cancellationToken)
    {
        if (!IsCached)
        {
            await TakeAsync(part, cancellationToken);
            return;
        }

        context.Memory?.Charge(part.Length, "pieces of a chunk file");
        try
        {
            await TakeAsync(part, cancellationToken);
        }
        finally
        {
            context.Memory?.Release(part.Length);
        }
    }

    private async Task TakeAsync(RangePart part, CancellationToken cancellationToken)
    {
        await using Stream stream = await bucket.GetRangeAsync(key, part.Start, part.Length, cancellationToken);
        long position = part.Start;
        Buffer? buffer = null;
        int end = part.FirstIndex + part.Count;
        long left = 0;
        for (int i = part.FirstIndex; i < end; i++) left += ranges[i].Length;
        for (int i = part.FirstIndex; i < end;)
        {
            if (!await SkipAsync(stream, ranges[i].Start - position, cancellationToken)) return;
            int to = RunEnd(i, end);
            int length = (int)(ranges[to - 1].End - ranges[i].Start);
            if (buffer is null || buffer.Left < length) buffer = Rent((int)Math.Max(length, Math.Min(BufferBytes, left)));
            Memory<byte> target = buffer.Memory.Slice(buffer.Used, length);
            int read = await stream.ReadAtLeastAsync(target, length, throwOnEndOfStream: false, cancellationToken);
            buffer.Used += Cut(i, to, target[..read], buffer);
            position = ranges[to - 1].End;
            left -= length;
            if (read < length) return;
            i = to;
        }
    }

    /// <summary>Ranges that follow each other without a gap are read in one go, as far as they fit into a buffer.</summary>
    private int RunEnd(int first, int end)
    {
        int to = first + 1;
        while (to < end && ranges[to].Start == ranges[to - 1].End && ranges[to].End - ranges[first].Start <= BufferBytes) to++;
        return to;
    }

    /// <summary>Gives the ranges their bytes; returns how many are worth keeping: the last range reaches as far as a chunk can be long.</summary>
    private int Cut(int from, int to, ReadOnlyMemory<byte> bytes, Buffer owner)
    {
        long start = ranges[from].Start;
        for (int i = from; i < to; i++)
        {
            int first = (int)Math.Min(ranges[i].Start - start, bytes.Length), last = (int)Math.Min(ranges[i].End - start, bytes.Length);
            (Frames[i], _owners[i]) = (bytes[first..last], owner);
        }

        int tail = Frames[to - 1].Length;
        return bytes.Length - tail + Math.Min(tail, ChunkFrame.WholeBytesOf(Frames[to - 1].Span));
    }

    private static async Task<bool> SkipAsync(Stream stream, long bytes, CancellationToken cancellationToken)
    {
        if (bytes <= 0) return true;
        byte[] scratch = ArrayPool<byte>.Shared.Rent(SkipBytes);
        try
        {
            while (bytes > 0)
            {
                int read = await stream.ReadAsync(scratch.AsMemory(0, (int)Math.Min(bytes, scratch.Length)), cancellationToken);
                if (read == 0) return false;
                bytes -= read;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private Buffer Rent(int length)
    {
        int capacity = ChunkBuffer.CapacityOf(length);
        context.Memory?.Charge(capacity, "chunks of a block");
        var buffer = new Buffer(ChunkBuffer.Rent(length));
        lock (_lock)
        {
            ChargedBytes += capacity;
            _buffers.Add(buffer);
        }

        return buffer;
    }

    private sealed class Buffer(ChunkBuffer memory)
    {
        public ChunkBuffer Owner => memory;

        public Memory<byte> Memory { get; } = memory.Memory;

        public int Used { get; set; }

        public int Left => Memory.Length - Used;

        public int Parts { get; set; }
    }
}
