using Aion.ObjectStorage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>Reads many ranges of one object with few requests, several at a time.</summary>
internal static class RangeFetcher
{
    /// <summary>Requests under way at once for one object; enough to hide a round trip, few enough to be polite.</summary>
    private const int MaxConcurrency = 16;

    /// <returns>Per range its bytes, slices of the parts' buffers or of the mapped object; shorter only where the object ends.</returns>
    public static async ValueTask<ReadOnlyMemory<byte>[]> FetchAsync(
        BlockObject place, IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken)
    {
        var results = new ReadOnlyMemory<byte>[ranges.Count];
        if (place.Block.MapOf(place) is { } map)
        {
            for (var i = 0; i < results.Length; i++) results[i] = map.Slice(ranges[i].Start, ranges[i].Length);
            return results;
        }

        (IBucket bucket, string key) = (place.Instead ?? place.Block.Bucket, place.Key);
        List<RangePart> parts = RangePartitioner.Partition(ranges);
        if (parts.Count == 1)
        {
            await FetchPartAsync(bucket, key, ranges, parts[0], results, cancellationToken);
            return results;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(parts, options, async (part, token) => await FetchPartAsync(bucket, key, ranges, part, results, token));
        return results;
    }

    private static async Task FetchPartAsync(
        IBucket bucket, string key, IReadOnlyList<ByteRange> ranges, RangePart part, ReadOnlyMemory<byte>[] results, CancellationToken cancellationToken)
    {
        long length = part.End - part.Start;
        if (length > int.MaxValue / 2) throw new TsdbCorruptionException(key, part.Start, $"{length} bytes are wanted in one piece");
        byte[] buffer = GC.AllocateUninitializedArray<byte>((int)length);
        int read = await bucket.ReadRangeAsync(key, part.Start, buffer, cancellationToken);
        for (int i = part.FirstIndex; i < part.FirstIndex + part.Count; i++)
        {
            int start = (int)(ranges[i].Start - part.Start);
            int end = (int)Math.Min(ranges[i].End - part.Start, read);
            results[i] = start < end ? buffer.AsMemory(start, end - start) : default;
        }
    }
}
