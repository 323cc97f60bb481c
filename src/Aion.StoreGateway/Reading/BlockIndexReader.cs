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

    /// <summary>The ids of the series that the matchers select, ascending.</summary>
    public async Task<uint[]> ExpandAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        PostingsPlan plan = PostingsPlan.Of(matchers, block.Header.Postings);
        if (plan.IsEmpty) return [];
        List<ByteRange> ranges = [.. plan.Entries.Select(e => new ByteRange(e.Range.Start, e.Range.End)).Distinct().OrderBy(r => r.Start)];
        long bytes = ranges.Sum(r => r.Length);
        context.Limits.Bytes(bytes);
        context.Budget?.Charge(bytes * 2, "postings lists");
        try
        {
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

            long bytes = ranges.Sum(r => r.Length);
            context.Limits.Bytes(bytes);
            ReadOnlyMemory<byte>[] entries = await RangeFetcher.FetchAsync(block.Bucket, block.IndexKey, ranges, cancellationToken);
            context.Counters.Series(count, bytes);
            for (var i = 0; i < count; i++)
            {
                ReadOnlyMemory<byte> bytesOfEntry = await WholeEntryAsync(entries[i], ranges[i].Start, cancellationToken);
                Visit(bytesOfEntry, ranges[i].Start, entry, visit);
            }
        }
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

    private void Visit(ReadOnlyMemory<byte> bytes, long offset, SeriesEntry entry, Action<SeriesEntry> visit)
    {
        try
        {
            SeriesEntry.TryGetBody(bytes.Span, out ReadOnlySpan<byte> body, out _);
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
