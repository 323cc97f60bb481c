using Aion.Blocks;
using Aion.Model;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>Reads and decodes series entries of one block for one request, in batches.</summary>
internal sealed class SeriesReader(BucketBlock block, IndexHeaderReader header, ReadContext context, CachedIndex cache)
{
    private const string Purpose = "series entries";

    /// <summary>Longer than any entry can sensibly be: a length beyond is damage, and is told before memory for it is asked for.</summary>
    private const long MostEntryBytes = 16 * 1024 * 1024;

    /// <summary>What the entries of a batch may span in the index, so that what is read at a time stays bounded.</summary>
    private const long MostBatchBytes = 16 * 1024 * 1024;

    /// <summary>What is read at first of an entry whose end is not known, where reading the rest costs no request.</summary>
    private const int LocalSeriesBytes = 1024;

    /// <summary>Visits the entries in the order of their ids; those that the matchers leave out are read, but not shown.</summary>
    /// <param name="visit">The entry is reused after the call. False ends the walk.</param>
    /// <returns>The ids that match; null when the walk was ended, or when nothing had to be matched.</returns>
    public async Task<uint[]?> ForEachAsync(
        uint[] ids, IReadOnlyList<LabelMatcher> matchers, Func<SeriesEntry, bool> visit, CancellationToken cancellationToken)
    {
        var walk = new Walk(matchers.Count == 0 ? null : new EntryMatchers(matchers, header.Symbols), visit);
        TimeSpan waited = default;
        Batch? next = Begin(ids, 0, cancellationToken);
        try
        {
            while (next is { } batch && !walk.IsOver)
            {
                cancellationToken.ThrowIfCancellationRequested();
                long started = context.Counters.Start();
                using FetchedRanges bodies = await batch.Bodies;
                waited += context.Counters.Since(started);
                int end = batch.First + batch.Ranges.Length;
                // What comes next is under way while this is looked at; a disk of this machine needs no head start.
                next = block.IsLocal ? null : Begin(ids, end, cancellationToken);
                for (var i = 0; i < batch.Ranges.Length && !walk.IsOver; i++) Visit(bodies[i], ids[batch.First + i], batch.Ranges[i].Start, walk);
                if (block.IsLocal && !walk.IsOver) next = Begin(ids, end, cancellationToken);
            }
        }
        finally
        {
            if (next is { } left) await LeaveAsync(left);
        }

        context.Counters.Waited(ReadData.Series, waited);
        if (walk.Overfetched > 0) context.Counters.Overfetched(walk.Overfetched);
        return walk.Matchers is null || walk.IsOver ? null : [.. walk.Matched];
    }

    /// <summary>Starts to read the batch that begins at an id; null behind the last.</summary>
    private Batch? Begin(uint[] ids, int first, CancellationToken cancellationToken)
    {
        if (first >= ids.Length) return null;
        ByteRange[] ranges = RangesOf(ids, first);
        return new Batch(first, ranges, BodiesAsync(ranges, cancellationToken));
    }

    /// <summary>A batch that nobody looks at any more. Its memory goes back; what became of it is nobody's business.</summary>
    private static async Task LeaveAsync(Batch batch)
    {
        await Task.WhenAny(batch.Bodies);
        if (batch.Bodies.IsCompletedSuccessfully) (await batch.Bodies).Dispose();
    }

    /// <summary>At least one entry, and as many as a batch may have and span.</summary>
    private ByteRange[] RangesOf(uint[] ids, int first)
    {
        int most = block.IsLocal ? Math.Min(LocalSeriesBytes, block.MaxSeriesBytes) : block.MaxSeriesBytes;
        var ranges = new List<ByteRange>(Math.Min(context.SeriesBatch, ids.Length - first));
        long span = 0;
        for (int i = first; i < ids.Length && ranges.Count < context.SeriesBatch && (ranges.Count == 0 || span < MostBatchBytes); i++)
        {
            long start = header.SeriesOffset(ids[i]);
            // The next entry starts behind this one, so the distance bounds its length from above.
            long distance = i + 1 < ids.Length ? header.SeriesOffset(ids[i + 1]) - start : long.MaxValue;
            ranges.Add(new ByteRange(start, start + Math.Min(distance, most)));
            span += Math.Min(distance, most + RangePartitioner.DefaultGapBytes);
        }

        return [.. ranges];
    }

    /// <summary>The entries' bodies in order, those that are cached and those that are read now and cached then.</summary>
    private async Task<FetchedRanges> BodiesAsync(ByteRange[] ranges, CancellationToken cancellationToken)
    {
        if (!cache.Keeps(IndexItem.Series)) return await FetchBodiesAsync(ranges, cancellationToken);
        byte[]?[] known = await cache.SeriesAsync(ranges, cancellationToken);
        var bodies = new FetchedRanges(ranges.Length, context.Memory);
        var missing = new List<int>();
        for (var i = 0; i < known.Length; i++)
        {
            if (known[i] is { } body) bodies[i] = body;
            else missing.Add(i);
        }

        if (missing.Count == 0) return bodies;
        using FetchedRanges fetched = await FetchBodiesAsync([.. missing.Select(i => ranges[i])], cancellationToken);
        var added = new (IndexCacheKey, byte[])[fetched.Count];
        for (var i = 0; i < added.Length; i++)
        {
            // The cache outlives the buffer that all entries of a read share.
            byte[] own = fetched[i].ToArray();
            bodies[missing[i]] = own;
            added[i] = (IndexCacheKey.Series(block.Meta.Id, ranges[missing[i]].Start), own);
        }

        cache.SetSeries(added);
        return bodies;
    }

    private async Task<FetchedRanges> FetchBodiesAsync(ByteRange[] ranges, CancellationToken cancellationToken)
    {
        long bytes = 0;
        foreach (ByteRange range in ranges) bytes += range.Length;
        context.Limits.Bytes(bytes);
        FetchedRanges entries = await RangeFetcher.FetchAsync(block, ranges, context, Purpose, cancellationToken);
        try
        {
            context.Counters.Fetched(ReadData.Series, ranges.Length, bytes);
            for (var i = 0; i < ranges.Length; i++)
            {
                if (TryBody(entries[i], ranges[i].Start, out ReadOnlyMemory<byte> body, out long length))
                {
                    entries[i] = body;
                    continue;
                }

                using FetchedRanges whole = await RefetchAsync(ranges[i].Start, length, cancellationToken);
                if (!TryBody(whole[0], ranges[i].Start, out body, out _)) throw Damaged(ranges[i].Start, $"a series entry of {length} bytes is cut off");
                entries[i] = body;
                entries.Adopt(whole);
            }

            return entries;
        }
        catch
        {
            entries.Dispose();
            throw;
        }
    }

    /// <summary>Reads again an entry that is longer than was thought.</summary>
    private async Task<FetchedRanges> RefetchAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (length > MostEntryBytes) throw Damaged(offset, $"a series entry of {length} bytes, where {MostEntryBytes} are the most");
        context.Limits.Bytes(length);
        context.Counters.SeriesRefetch();
        return await RangeFetcher.FetchAsync(block, [new ByteRange(offset, offset + length)], context, Purpose, cancellationToken);
    }

    /// <summary>False when the entry, of <paramref name="length"/> bytes, is not there as a whole.</summary>
    private bool TryBody(ReadOnlyMemory<byte> entry, long offset, out ReadOnlyMemory<byte> body, out long length)
    {
        try
        {
            body = default;
            if (SeriesEntry.TryGetBody(entry.Span, out ReadOnlySpan<byte> span, out length))
            {
                // The body ends where its checksum starts.
                body = entry.Slice((int)length - sizeof(uint) - span.Length, span.Length);
                return true;
            }

            return length > 0 ? false : throw Damaged(offset, "the length of a series entry is cut off");
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw Damaged(offset, e.Reason);
        }
    }

    private void Visit(ReadOnlyMemory<byte> body, uint id, long offset, Walk walk)
    {
        try
        {
            walk.Entry.Decode(body.Span, context.MinTimeMs, context.MaxTimeMs);
            if (walk.Matchers is { } matchers)
            {
                if (!matchers.Match(walk.Entry))
                {
                    walk.Overfetched += body.Length;
                    return;
                }

                walk.Matched.Add(id);
            }

            walk.IsOver = !walk.Visit(walk.Entry);
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw Damaged(offset, e.Reason);
        }
    }

    private TsdbCorruptionException Damaged(long offset, string reason) => new(block.IndexKey, offset, reason);

    private readonly record struct Batch(int First, ByteRange[] Ranges, Task<FetchedRanges> Bodies);

    private sealed record Walk(EntryMatchers? Matchers, Func<SeriesEntry, bool> Visit)
    {
        public SeriesEntry Entry { get; } = new();

        public List<uint> Matched { get; } = [];

        public long Overfetched { get; set; }

        public bool IsOver { get; set; }
    }
}
