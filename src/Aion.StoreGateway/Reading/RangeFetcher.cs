using Aion.ObjectStorage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>Reads many ranges of a block's index with few requests, several at a time.</summary>
internal static class RangeFetcher
{
    /// <summary>Requests under way at once for one object; enough to hide a round trip, few enough to be polite.</summary>
    public const int MaxConcurrency = 16;

    /// <summary>On a disk of this machine a further read costs less than copying many bytes that nobody wants.</summary>
    private const long LocalGapBytes = 4 * 1024;

    /// <summary>Parts of this length at most are read of a local file, so that the pool's usual arrays serve.</summary>
    private const long LocalPartBytes = 256 * 1024;

    /// <param name="ranges">Ascending by start.</param>
    /// <param name="purpose">For the error when there is no memory for it.</param>
    /// <exception cref="TsdbCorruptionException">So much in one piece can't be wanted.</exception>
    /// <exception cref="BucketException">The index can't be read.</exception>
    public static async ValueTask<FetchedRanges> FetchAsync(
        BucketBlock block, IReadOnlyList<ByteRange> ranges, ReadContext context, string purpose, CancellationToken cancellationToken)
    {
        List<RangePart> parts = block.IsLocal
            ? RangePartitioner.Partition(ranges, LocalGapBytes, LocalPartBytes)
            : RangePartitioner.Partition(ranges);
        var fetched = new FetchedRanges(ranges.Count, context.Memory);
        try
        {
            var buffers = new Memory<byte>[parts.Count];
            for (var i = 0; i < buffers.Length; i++) buffers[i] = fetched.Rent(LengthOf(block, parts[i], purpose), purpose);
            if (block.IsLocal) ReadLocally(block, ranges, parts, buffers, fetched);
            else await ReadAsync(block, ranges, parts, buffers, fetched, cancellationToken);
            return fetched;
        }
        catch
        {
            fetched.Dispose();
            throw;
        }
    }

    private static void ReadLocally(
        BucketBlock block, IReadOnlyList<ByteRange> ranges, List<RangePart> parts, Memory<byte>[] buffers, FetchedRanges fetched)
    {
        using LocalObject file = block.Bucket.OpenLocal(block.IndexKey);
        for (var i = 0; i < buffers.Length; i++) Cut(ranges, parts[i], buffers[i][..file.Read(parts[i].Start, buffers[i].Span)], fetched);
    }

    private static async Task ReadAsync(
        BucketBlock block, IReadOnlyList<ByteRange> ranges, List<RangePart> parts, Memory<byte>[] buffers, FetchedRanges fetched,
        CancellationToken cancellationToken)
    {
        if (buffers.Length == 1)
        {
            await ReadPartAsync(0, cancellationToken);
            return;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, buffers.Length, options, ReadPartAsync);

        async ValueTask ReadPartAsync(int i, CancellationToken token)
        {
            int read = await block.Bucket.ReadRangeAsync(block.IndexKey, parts[i].Start, buffers[i], token);
            Cut(ranges, parts[i], buffers[i][..read], fetched);
        }
    }

    private static void Cut(IReadOnlyList<ByteRange> ranges, RangePart part, ReadOnlyMemory<byte> bytes, FetchedRanges fetched)
    {
        for (int i = part.FirstIndex; i < part.FirstIndex + part.Count; i++)
        {
            int start = (int)(ranges[i].Start - part.Start), end = (int)Math.Min(ranges[i].End - part.Start, bytes.Length);
            fetched[i] = start < end ? bytes[start..end] : default;
        }
    }

    /// <summary>Parts are short by themselves; a single range is as long as the index says.</summary>
    private static int LengthOf(BucketBlock block, RangePart part, string purpose) => part.Length <= int.MaxValue / 2
        ? (int)part.Length
        : throw new TsdbCorruptionException(block.IndexKey, part.Start, $"{purpose} are said to take {part.Length} bytes in one piece");
}
