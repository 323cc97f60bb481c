using Aion.Blocks;
using Aion.Model;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>Ids of series that match all matchers but those that are still to be looked at on the series.</summary>
/// <param name="Ids">Ascending.</param>
/// <param name="Rest">Empty when the ids are those of the answer.</param>
/// <param name="Key">Where the ids of the answer are to be kept once they are known; null when they were found there, or nowhere.</param>
internal readonly record struct ExpandedPostings(uint[] Ids, IReadOnlyList<LabelMatcher> Rest, IndexCacheKey? Key);

/// <summary>Finds the series of one block that matchers select, by its postings lists.</summary>
internal sealed class PostingsReader(BucketBlock block, IndexHeaderReader header, ReadContext context, CachedIndex cache)
{
    public const string Purpose = "postings lists";

    /// <summary>Reads a list that was fetched from where it stands in the index.</summary>
    /// <exception cref="TsdbCorruptionException">Names the file and the place in it.</exception>
    public static uint[] Parse(BucketBlock block, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            return PostingsList.Parse(bytes);
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw e.In(block.IndexKey, offset);
        }
    }

    public async Task<ExpandedPostings> ExpandAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        long started = context.Counters.Start();
        if (matchers.Count == 0 || !cache.Keeps(IndexItem.ExpandedPostings))
        {
            (uint[] all, IReadOnlyList<LabelMatcher> left) = await ReadAsync(matchers, cancellationToken);
            context.Counters.Waited(ReadData.Postings, started);
            return new ExpandedPostings(all, left, null);
        }

        IndexCacheKey key = IndexCacheKey.Expanded(block.Meta.Id, matchers);
        if (await cache.ExpandedAsync(key, cancellationToken) is { } known)
        {
            context.Counters.Waited(ReadData.Postings, started);
            return new ExpandedPostings(known, [], null);
        }

        (uint[] ids, IReadOnlyList<LabelMatcher> rest) = await ReadAsync(matchers, cancellationToken);
        context.Counters.Waited(ReadData.Postings, started);
        if (rest.Count > 0) return new ExpandedPostings(ids, rest, key);
        cache.SetExpanded(key, ids);
        return new ExpandedPostings(ids, [], null);
    }

    /// <summary>What filtering left of <see cref="ExpandedPostings.Ids"/>.</summary>
    public void Keep(in ExpandedPostings expanded, uint[] ids)
    {
        if (expanded.Key is { } key) cache.SetExpanded(key, ids);
    }

    private async Task<(uint[] Ids, IReadOnlyList<LabelMatcher> Left)> ReadAsync(IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        PostingsPlan plan = PostingsPlan.Of(matchers, header.Postings);
        if (plan.IsEmpty) return ([], []);
        IReadOnlyList<LabelMatcher> rest = [];
        if (context.LazyPostings is { } lazy && LazyPostings.Choose(plan.Groups, block.MaxSeriesBytes, lazy.MaxKeySeriesRatio) is { Lazy.Count: > 0 } choice)
        {
            context.Counters.Lazy(choice);
            plan = plan.Only(choice.Eager);
            rest = [.. matchers.Where(m => choice.Lazy.Any(g => g.Name == m.Name))];
        }

        List<PostingsEntry> entries = [.. plan.Entries.DistinctBy(e => e.Range.Start).OrderBy(e => e.Range.Start)];
        long bytes = entries.Sum(e => e.Range.End - e.Range.Start);
        context.Counters.PostingsOf(bytes);
        // The ids, and what the lists of several matchers make of them; the lists as read are charged as they are read.
        context.Memory?.Charge(bytes * 2, Purpose);
        try
        {
            if (cache.Keeps(IndexItem.Postings))
            {
                Dictionary<long, uint[]> known = await cache.PostingsAsync(entries, cancellationToken);
                return (plan.Evaluate(entry => known[entry.Range.Start]), rest);
            }

            context.Limits.Bytes(bytes);
            ByteRange[] ranges = [.. entries.Select(e => new ByteRange(e.Range.Start, e.Range.End))];
            using FetchedRanges lists = await RangeFetcher.FetchAsync(block, ranges, context, Purpose, cancellationToken);
            context.Counters.Fetched(ReadData.Postings, ranges.Length, bytes);
            var byStart = new Dictionary<long, int>(ranges.Length);
            for (var i = 0; i < ranges.Length; i++) byStart[ranges[i].Start] = i;
            return (plan.Evaluate(entry => Parse(block, lists[byStart[entry.Range.Start]].Span, entry.Range.Start)), rest);
        }
        finally
        {
            context.Memory?.Release(bytes * 2);
        }
    }
}
