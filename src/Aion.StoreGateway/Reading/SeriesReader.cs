using Aion.Blocks;
using Aion.Model;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>Reads and decodes series entries of one block for one request, in batches.</summary>
internal sealed class SeriesReader(BucketBlock block, IndexHeaderReader header, ReadContext context, CachedIndex cache)
{
    /// <summary>Visits the entries in the order of their ids; those that the matchers leave out are read, but not shown.</summary>
    /// <param name="visit">The entry is reused after the call. False ends the walk.</param>
    /// <returns>The ids that match; null when the walk was ended, or when nothing had to be matched.</returns>
    public async Task<uint[]?> ForEachAsync(
        uint[] ids, IReadOnlyList<LabelMatcher> matchers, Func<SeriesEntry, bool> visit, CancellationToken cancellationToken)
    {
        var walk = new Walk(matchers.Count == 0 ? null : new EntryMatchers(matchers, header.Symbols), visit);
        TimeSpan waited = default;
        for (var at = 0; at < ids.Length && !walk.IsOver; at += context.SeriesBatch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(context.SeriesBatch, ids.Length - at);
            ByteRange[] ranges = RangesOf(ids, at, count);
            long started = context.Counters.Start();
            ReadOnlyMemory<byte>[] bodies = await BodiesAsync(ranges, cancellationToken);
            waited += context.Counters.Since(started);
            for (var i = 0; i < count && !walk.IsOver; i++) Visit(bodies[i], ids[at + i], ranges[i].Start, walk);
            block.IndexMap?.Forget(ranges[0].Start, ranges[^1].End - ranges[0].Start);
        }

        context.Counters.Waited(ReadData.Series, waited);
        if (walk.Overfetched > 0) context.Counters.Overfetched(walk.Overfetched);
        return walk.Matchers is null || walk.IsOver ? null : [.. walk.Matched];
    }

    private ByteRange[] RangesOf(uint[] ids, int at, int count)
    {
        var ranges = new ByteRange[count];
        for (var i = 0; i < count; i++)
        {
            long start = header.SeriesOffset(ids[at + i]);
            // The next entry starts behind this one, so the distance bounds its length from above.
            long most = at + i + 1 < ids.Length ? header.SeriesOffset(ids[at + i + 1]) - start : long.MaxValue;
            ranges[i] = new ByteRange(start, start + Math.Min(most, block.MaxSeriesBytes));
        }

        return ranges;
    }

    /// <summary>The entries' bodies in order, those that are cached and those that are read now and cached then.</summary>
    private async Task<ReadOnlyMemory<byte>[]> BodiesAsync(ByteRange[] ranges, CancellationToken cancellationToken)
    {
        if (!cache.Keeps(IndexItem.Series)) return await FetchBodiesAsync(ranges, cancellationToken);
        byte[]?[] known = await cache.SeriesAsync(ranges, cancellationToken);
        var bodies = new ReadOnlyMemory<byte>[ranges.Length];
        var missing = new List<int>();
        for (var i = 0; i < known.Length; i++)
        {
            if (known[i] is { } body) bodies[i] = body;
            else missing.Add(i);
        }

        if (missing.Count == 0) return bodies;
        ReadOnlyMemory<byte>[] fetched = await FetchBodiesAsync([.. missing.Select(i => ranges[i])], cancellationToken);
        var added = new (IndexCacheKey, byte[])[fetched.Length];
        for (var i = 0; i < fetched.Length; i++)
        {
            // The cache outlives the buffer that all entries of a read share.
            byte[] own = fetched[i].ToArray();
            bodies[missing[i]] = own;
            added[i] = (IndexCacheKey.Series(block.Meta.Id, ranges[missing[i]].Start), own);
        }

        cache.SetSeries(added);
        return bodies;
    }

    private async Task<ReadOnlyMemory<byte>[]> FetchBodiesAsync(ByteRange[] ranges, CancellationToken cancellationToken)
    {
        long bytes = 0;
        foreach (ByteRange range in ranges) bytes += range.Length;
        context.Limits.Bytes(bytes);
        ReadOnlyMemory<byte>[] entries = await RangeFetcher.FetchAsync(new BlockObject(block, null), ranges, cancellationToken);
        context.Counters.Fetched(ReadData.Series, ranges.Length, bytes);
        for (var i = 0; i < entries.Length; i++)
        {
            if (TryBody(entries[i], ranges[i].Start, out ReadOnlyMemory<byte> body, out long length))
            {
                entries[i] = body;
                continue;
            }

            ReadOnlyMemory<byte> whole = await RefetchAsync(ranges[i].Start, length, cancellationToken);
            if (!TryBody(whole, ranges[i].Start, out entries[i], out _)) throw Damaged(ranges[i].Start, $"a series entry of {length} bytes is cut off");
        }

        return entries;
    }

    /// <summary>Reads again an entry that is longer than was thought.</summary>
    private async Task<ReadOnlyMemory<byte>> RefetchAsync(long offset, long length, CancellationToken cancellationToken)
    {
        context.Limits.Bytes(length);
        context.Counters.SeriesRefetch();
        return (await RangeFetcher.FetchAsync(new BlockObject(block, null), [new ByteRange(offset, offset + length)], cancellationToken))[0];
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

    private sealed record Walk(EntryMatchers? Matchers, Func<SeriesEntry, bool> Visit)
    {
        public SeriesEntry Entry { get; } = new();

        public List<uint> Matched { get; } = [];

        public long Overfetched { get; set; }

        public bool IsOver { get; set; }
    }
}
