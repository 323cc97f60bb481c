using System.Text;
using Aion.Blocks;
using Aion.Model;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>What the index of one block tells one request: series with the places of their chunks, label names, label values.</summary>
/// <param name="header">Open as long as this is used.</param>
internal sealed class BlockIndexReader(BucketBlock block, IndexHeaderReader header, ReadContext context)
{
    /// <summary>What a label set and its chunk metas take in memory, beside their bytes.</summary>
    private const int SeriesOverheadBytes = 96;

    private readonly PostingsReader _postings = new(block, header, context, new CachedIndex(block, context));
    private readonly SeriesReader _series = new(block, header, context, new CachedIndex(block, context));

    /// <summary>The selected series that have a chunk in the time range, in label order.</summary>
    public async Task<List<BlockSeries>> SeriesAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        var found = new List<BlockSeries>();
        var labels = new SeriesLabels(block, header.Symbols, context);
        var sorted = true;
        await ForEachAsync(matchers, entry =>
        {
            if (entry.Chunks.Count == 0) return true;
            Labels full = labels.Of(entry);
            if (context.Shard is { } shard && !shard.Matches(full)) return true;
            if (found.Count > 0 && found[^1].Labels > full) sorted = false;
            ChunkMeta[] chunks = context.SkipChunks ? [] : [.. entry.Chunks];
            context.Budget?.Charge(full.SizeBytes + chunks.Length * 24 + SeriesOverheadBytes, "series of a block");
            found.Add(new BlockSeries(full, chunks));
            return true;
        }, cancellationToken);
        // External labels that come in behind a prefix, and replica labels that go out, change the order.
        if (!sorted) found.Sort(static (a, b) => a.Labels.CompareTo(b.Labels));
        return found;
    }

    /// <summary>Label names of the selected series.</summary>
    public async Task<HashSet<string>> NamesAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        if (matchers.Count == 0) return [.. header.Postings.LabelNames];
        var refs = new HashSet<uint>();
        await ForEachAsync(matchers, entry =>
        {
            foreach (LabelRef label in entry.Labels) refs.Add(label.Name);
            return true;
        }, cancellationToken);
        return [.. refs.Select(r => Encoding.UTF8.GetString(header.Symbols.Lookup(r)))];
    }

    /// <summary>Values of one label over the selected series.</summary>
    public async Task<HashSet<string>> ValuesAsync(string name, IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        if (matchers.Count == 0) return AllValues(name);
        if (!header.Symbols.TryFind(Encoding.UTF8.GetBytes(name), out uint wanted)) return [];
        var values = new HashSet<uint>();
        await ForEachAsync(matchers, entry =>
        {
            foreach (LabelRef label in entry.Labels)
                if (label.Name == wanted) values.Add(label.Value);
            return true;
        }, cancellationToken);
        return [.. values.Select(r => Encoding.UTF8.GetString(header.Symbols.Lookup(r)))];
    }

    /// <summary>Whether any series is selected.</summary>
    public async Task<bool> AnyAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        ExpandedPostings expanded = await _postings.ExpandAsync(matchers, cancellationToken);
        if (expanded.Rest.Count == 0 || expanded.Ids.Length == 0) return expanded.Ids.Length > 0;
        var any = false;
        await _series.ForEachAsync(expanded.Ids, expanded.Rest, _ => !(any = true), cancellationToken);
        return any;
    }

    private async Task ForEachAsync(IReadOnlyList<LabelMatcher> matchers, Func<SeriesEntry, bool> visit, CancellationToken cancellationToken)
    {
        ExpandedPostings expanded = await _postings.ExpandAsync(matchers, cancellationToken);
        if (expanded.Rest.Count == 0)
        {
            context.Limits.Series(expanded.Ids.Length);
            await _series.ForEachAsync(expanded.Ids, [], visit, cancellationToken);
            return;
        }

        uint[]? matched = await _series.ForEachAsync(expanded.Ids, expanded.Rest, entry =>
        {
            // How many match is known one by one only.
            context.Limits.Series(1);
            return visit(entry);
        }, cancellationToken);
        if (matched is not null) _postings.Keep(expanded, matched);
    }

    private HashSet<string> AllValues(string name)
    {
        var values = new HashSet<string>();
        PostingsOffsetTable.Cursor cursor = header.Postings.Entries(name);
        while (cursor.MoveNext()) values.Add(Encoding.UTF8.GetString(cursor.Value.Span));
        return values;
    }
}
