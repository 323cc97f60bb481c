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

    /// <summary>How much of the series is drawn from the budget at a time: it takes locks.</summary>
    private const int ChargeStepBytes = 64 * 1024;

    /// <summary>Series that share an array for the places of their chunks, while nobody knows how many there will be.</summary>
    private const int PageSeries = 64;

    private readonly PostingsReader _postings = new(block, header, context, new CachedIndex(block, header, context));
    private readonly SeriesReader _series = new(block, header, context, new CachedIndex(block, header, context));

    /// <summary>The selected series that have a chunk in the time range, in label order.</summary>
    public async Task<List<BlockSeries>> SeriesAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        var found = new List<BlockSeries>();
        var labels = new SeriesLabels(block, header.Symbols, context);
        ChunkMetaPages? pages = null;
        IReadOnlyList<BlockSeries>? hint = context.SeriesHint;
        var hinted = 0;
        var sorted = true;
        long uncharged = 0;
        await ForEachAsync(matchers, entry =>
        {
            ReadOnlySpan<ChunkMeta> chunks = entry.ChunkSpan;
            if (chunks.IsEmpty) return true;
            Labels? likely = hint is not null && hinted < hint.Count ? hint[hinted].Labels : null;
            Labels full = labels.Of(entry, likely);
            if (ReferenceEquals(full, likely)) hinted++;
            else while (hint is not null && hinted < hint.Count && hint[hinted].Labels <= full) hinted++;
            if (context.Shard is { } shard && !shard.Matches(full)) return true;
            if (found.Count > 0 && sorted && found[^1].Labels > full) sorted = false;
            if (context.SkipChunks) chunks = [];
            uncharged += full.SizeBytes + (chunks.Length * 24) + SeriesOverheadBytes;
            if (uncharged >= ChargeStepBytes) Charge();
            pages ??= new ChunkMetaPages(hint?.Count ?? PageSeries);
            found.Add(new BlockSeries(full, pages.Keep(chunks)));
            return true;
        }, cancellationToken);
        Charge();
        // External labels that come in behind a prefix, and replica labels that go out, change the order.
        if (!sorted) found.Sort(static (a, b) => a.Labels.CompareTo(b.Labels));
        context.SeriesHint ??= found;
        return found;

        void Charge()
        {
            context.Memory?.Charge(uncharged, "series of a block");
            uncharged = 0;
        }
    }

    /// <summary>Label names of the selected series.</summary>
    public async Task<HashSet<string>> NamesAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        if (matchers.Count == 0) return [.. header.Postings.LabelNames];
        var refs = new HashSet<uint>();
        await ForEachAsync(matchers, entry =>
        {
            foreach (LabelRef label in entry.LabelSpan) refs.Add(label.Name);
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
            foreach (LabelRef label in entry.LabelSpan)
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
        long idBytes = (long)expanded.Ids.Length * sizeof(uint);
        context.Memory?.Charge(idBytes, "ids of series");
        try
        {
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
        finally
        {
            context.Memory?.Release(idBytes);
        }
    }

    private HashSet<string> AllValues(string name)
    {
        var values = new HashSet<string>();
        PostingsOffsetTable.Cursor cursor = header.Postings.Entries(name);
        while (cursor.MoveNext()) values.Add(Encoding.UTF8.GetString(cursor.Value.Span));
        return values;
    }
}
