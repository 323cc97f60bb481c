using System.Text;
using Aion.Model;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>Reads postings and series entries of one block for one request.</summary>
internal sealed class BlockIndexReader(BucketBlock block, ReadContext context)
{
    /// <summary>Entries decoded between two looks at the cancellation token, and per coalesced read.</summary>
    private const int SeriesBatch = 10_000;

    /// <summary>What a label set and its chunk metas take in memory, beside their bytes.</summary>
    private const int SeriesOverheadBytes = 96;

    private readonly CachedIndex _cache = new(block, context);

    /// <summary>The ids of the series that the matchers select, ascending.</summary>
    public async Task<uint[]> ExpandAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        if (matchers.Count == 0 || !_cache.Keeps(IndexItem.ExpandedPostings)) return await ExpandFromListsAsync(matchers, cancellationToken);
        IndexCacheKey key = IndexCacheKey.Expanded(block.Meta.Id, matchers);
        if (await _cache.ExpandedAsync(key, cancellationToken) is { } known) return known;
        uint[] ids = await ExpandFromListsAsync(matchers, cancellationToken);
        _cache.SetExpanded(key, ids);
        return ids;
    }

    private async Task<uint[]> ExpandFromListsAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        PostingsPlan plan = PostingsPlan.Of(matchers, block.Header.Postings);
        if (plan.IsEmpty) return [];
        List<ByteRange> ranges = [.. plan.Entries.Select(e => new ByteRange(e.Range.Start, e.Range.End)).Distinct().OrderBy(r => r.Start)];
        long bytes = ranges.Sum(r => r.Length);
        context.Budget?.Charge(bytes * 2, "postings lists");
        try
        {
            if (_cache.Keeps(IndexItem.Postings))
            {
                Dictionary<long, uint[]> known = await _cache.PostingsAsync(ranges, cancellationToken);
                return plan.Evaluate(entry => known[entry.Range.Start]);
            }

            context.Limits.Bytes(bytes);
            ReadOnlyMemory<byte>[] lists = await RangeFetcher.FetchAsync(block.Bucket, block.IndexKey, ranges, cancellationToken);
            context.Counters.Postings(lists.Length, bytes);
            var byStart = new Dictionary<long, ReadOnlyMemory<byte>>(lists.Length);
            for (var i = 0; i < lists.Length; i++) byStart[ranges[i].Start] = lists[i];
            return plan.Evaluate(entry => PostingsList.Parse(byStart[entry.Range.Start].Span));
        }
        finally
        {
            context.Budget?.Release(bytes * 2);
        }
    }

    /// <summary>The selected series that have a chunk in the time range, in label order.</summary>
    public async Task<List<BlockSeries>> SeriesAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        uint[] ids = await ExpandAsync(matchers, cancellationToken);
        context.Limits.Series(ids.Length);
        var found = new List<BlockSeries>();
        var labels = new SeriesLabels(block, context);
        var sorted = true;
        await ForEachEntryAsync(ids, entry =>
        {
            if (entry.Chunks.Count == 0) return;
            Labels full = labels.Of(entry);
            if (context.Shard is { } shard && !shard.Matches(full)) return;
            if (found.Count > 0 && found[^1].Labels > full) sorted = false;
            ChunkMeta[] chunks = context.SkipChunks ? [] : [.. entry.Chunks];
            context.Budget?.Charge(full.SizeBytes + chunks.Length * 24 + SeriesOverheadBytes, "series of a block");
            found.Add(new BlockSeries(full, chunks));
        }, cancellationToken);
        // External labels that come in behind a prefix, and replica labels that go out, change the order.
        if (!sorted) found.Sort(static (a, b) => a.Labels.CompareTo(b.Labels));
        return found;
    }

    /// <summary>Label names of the selected series.</summary>
    public async Task<HashSet<string>> NamesAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        var refs = new HashSet<uint>();
        uint[] ids = await ExpandAsync(matchers, cancellationToken);
        context.Limits.Series(ids.Length);
        await ForEachEntryAsync(ids, entry =>
        {
            foreach (LabelRef label in entry.Labels) refs.Add(label.Name);
        }, cancellationToken);
        return [.. refs.Select(r => Encoding.UTF8.GetString(block.Header.Symbols.Lookup(r)))];
    }

    /// <summary>Values of one label over the selected series.</summary>
    public async Task<HashSet<string>> ValuesAsync(string name, IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        var values = new HashSet<uint>();
        SymbolTable symbols = block.Header.Symbols;
        if (!symbols.TryFind(Encoding.UTF8.GetBytes(name), out uint wanted)) return [];
        uint[] ids = await ExpandAsync(matchers, cancellationToken);
        context.Limits.Series(ids.Length);
        await ForEachEntryAsync(ids, entry =>
        {
            foreach (LabelRef label in entry.Labels)
                if (label.Name == wanted) values.Add(label.Value);
        }, cancellationToken);
        return [.. values.Select(r => Encoding.UTF8.GetString(symbols.Lookup(r)))];
    }

    private async Task ForEachEntryAsync(uint[] ids, Action<SeriesEntry> visit, CancellationToken cancellationToken)
    {
        var entry = new SeriesEntry();
        for (var at = 0; at < ids.Length; at += SeriesBatch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(SeriesBatch, ids.Length - at);
            var ranges = new ByteRange[count];
            for (var i = 0; i < count; i++)
            {
                long start = block.Header.SeriesOffset(ids[at + i]);
                // The next entry starts behind this one, so the distance bounds its length from above.
                long most = at + i + 1 < ids.Length ? block.Header.SeriesOffset(ids[at + i + 1]) - start : long.MaxValue;
                ranges[i] = new ByteRange(start, start + Math.Min(most, block.MaxSeriesBytes));
            }

            if (_cache.Keeps(IndexItem.Series))
            {
                await VisitCachedAsync(ranges, entry, visit, cancellationToken);
                continue;
            }

            ReadOnlyMemory<byte>[] entries = await FetchEntriesAsync(ranges, cancellationToken);
            for (var i = 0; i < count; i++)
            {
                ReadOnlyMemory<byte> whole = await WholeEntryAsync(entries[i], ranges[i].Start, cancellationToken);
                Visit(BodyOf(whole, ranges[i].Start), ranges[i].Start, entry, visit);
            }
        }
    }

    /// <summary>Visits the entries in order, those that are cached and those that are read now and cached then.</summary>
    private async Task VisitCachedAsync(ByteRange[] ranges, SeriesEntry entry, Action<SeriesEntry> visit, CancellationToken cancellationToken)
    {
        byte[]?[] bodies = await _cache.SeriesAsync(ranges, cancellationToken);
        int[] missing = [.. Enumerable.Range(0, ranges.Length).Where(i => bodies[i] is null)];
        if (missing.Length > 0)
        {
            ReadOnlyMemory<byte>[] entries = await FetchEntriesAsync([.. missing.Select(i => ranges[i])], cancellationToken);
            for (var i = 0; i < missing.Length; i++)
            {
                long start = ranges[missing[i]].Start;
                bodies[missing[i]] = BodyOf(await WholeEntryAsync(entries[i], start, cancellationToken), start).ToArray();
            }

            _cache.SetSeries([.. missing.Select(i => (IndexCacheKey.Series(block.Meta.Id, ranges[i].Start), bodies[i]!))]);
        }

        for (var i = 0; i < ranges.Length; i++) Visit(bodies[i], ranges[i].Start, entry, visit);
    }

    private async Task<ReadOnlyMemory<byte>[]> FetchEntriesAsync(ByteRange[] ranges, CancellationToken cancellationToken)
    {
        long bytes = ranges.Sum(r => r.Length);
        context.Limits.Bytes(bytes);
        ReadOnlyMemory<byte>[] entries = await RangeFetcher.FetchAsync(block.Bucket, block.IndexKey, ranges, cancellationToken);
        context.Counters.Series(ranges.Length, bytes);
        return entries;
    }

    private async ValueTask<ReadOnlyMemory<byte>> WholeEntryAsync(ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancellationToken)
    {
        long length = Measure(bytes.Span, offset);
        if (length <= bytes.Length) return bytes;
        context.Limits.Bytes(length);
        context.Counters.SeriesRefetch();
        ReadOnlyMemory<byte>[] again = await RangeFetcher.FetchAsync(
            block.Bucket, block.IndexKey, [new ByteRange(offset, offset + length)], cancellationToken);
        if (again[0].Length < length) throw Damaged(offset, $"a series entry of {length} bytes is cut off");
        return again[0];
    }

    private long Measure(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            if (SeriesEntry.TryGetBody(bytes, out _, out long length)) return 0;
            return length > 0 ? length : throw Damaged(offset, "the length of a series entry is cut off");
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw Damaged(offset, e.Reason);
        }
    }

    private ReadOnlySpan<byte> BodyOf(ReadOnlyMemory<byte> entry, long offset)
    {
        try
        {
            SeriesEntry.TryGetBody(entry.Span, out ReadOnlySpan<byte> body, out _);
            return body;
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw Damaged(offset, e.Reason);
        }
    }

    private void Visit(ReadOnlySpan<byte> body, long offset, SeriesEntry entry, Action<SeriesEntry> visit)
    {
        try
        {
            entry.Decode(body, context.MinTimeMs, context.MaxTimeMs);
            visit(entry);
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw Damaged(offset, e.Reason);
        }
    }

    private TsdbCorruptionException Damaged(long offset, string reason) => new(block.IndexKey, offset, reason);
}
