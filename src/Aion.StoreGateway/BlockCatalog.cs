using System.Text;
using Aion.Model;
using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>A block of an answer and the matchers that its external labels leave to its index.</summary>
internal readonly record struct SelectedBlock(BucketBlock Block, IReadOnlyList<LabelMatcher> Matchers);

/// <summary>The blocks that one request reads; they stay open until this is disposed.</summary>
internal sealed class BlockLeases(List<SelectedBlock> blocks) : IDisposable
{
    public IReadOnlyList<SelectedBlock> Blocks => blocks;

    public void Dispose()
    {
        foreach (SelectedBlock selected in blocks) selected.Block.Release();
    }
}

/// <summary>The loaded blocks at one moment, grouped by external labels. Immutable.</summary>
internal sealed class BlockCatalog
{
    private readonly IReadOnlyList<BlockSet> _sets;

    public BlockCatalog(IEnumerable<BucketBlock> blocks)
    {
        Blocks = blocks.ToDictionary(b => b.Meta.Id);
        _sets = [.. Blocks.Values.GroupBy(b => b.ExternalLabels).Select(g => new BlockSet(g.Key, [.. g])).OrderBy(s => s.External)];
    }

    public static BlockCatalog Empty { get; } = new([]);

    public IReadOnlyDictionary<BlockId, BucketBlock> Blocks { get; }

    /// <summary>The blocks whose resolution fits, per set of external labels; see <see cref="BlockTimeline{T}"/>.</summary>
    public BlockLeases Select(
        IReadOnlyList<LabelMatcher> matchers, IReadOnlyList<LabelMatcher> blockMatchers, long minMs, long maxMs, long maxResolutionMs) =>
        Lease(matchers, blockMatchers, set => set.Timeline.Select(minMs, maxMs, maxResolutionMs));

    /// <summary>Every block that overlaps the time range, whatever its resolution: for label names and values.</summary>
    public BlockLeases SelectAll(IReadOnlyList<LabelMatcher> matchers, IReadOnlyList<LabelMatcher> blockMatchers, long minMs, long maxMs) =>
        Lease(matchers, blockMatchers, set => set.Blocks.Where(b => b.Meta.MinTimeMs <= maxMs && b.Meta.MaxTimeMs > minMs));

    /// <summary>What these blocks let a store say of itself.</summary>
    public StoreInfo InfoAt(DateTimeOffset now, BucketStoreOptions options)
    {
        long min = long.MaxValue, max = long.MinValue;
        var tsdbs = new List<TsdbInfo>();
        foreach (BlockSet set in _sets)
        {
            tsdbs.Add(set.Info);
            min = Math.Min(min, set.Info.MinTimeMs);
            max = Math.Max(max, set.Info.MaxTimeMs);
        }

        if (tsdbs.Count > 0)
        {
            min = Math.Max(min, options.MinTimeMs(now));
            max = Math.Min(max, options.MaxTimeMs(now));
        }

        return new StoreInfo
        {
            Component = "store",
            LabelSets = [.. _sets.Where(s => !s.External.IsEmpty).Select(s => s.External)],
            MinTimeMs = min,
            MaxTimeMs = max,
            TsdbInfos = tsdbs,
        };
    }

    private BlockLeases Lease(
        IReadOnlyList<LabelMatcher> matchers, IReadOnlyList<LabelMatcher> blockMatchers,
        Func<BlockSet, IEnumerable<BucketBlock>> choose)
    {
        var selected = new List<SelectedBlock>();
        foreach (BlockSet set in _sets)
        {
            if (RemainingMatchers(matchers, set.External) is not { } remaining) continue;
            foreach (BucketBlock block in choose(set))
            {
                if ((blockMatchers.Count == 0 || IsWanted(block, blockMatchers)) && block.TryLease())
                    selected.Add(new SelectedBlock(block, remaining));
            }
        }

        return new BlockLeases(selected);
    }

    /// <summary>The matchers that the external labels do not decide, or null when one of those says no.</summary>
    private static List<LabelMatcher>? RemainingMatchers(IReadOnlyList<LabelMatcher> matchers, Labels external)
    {
        var remaining = new List<LabelMatcher>(matchers.Count);
        foreach (LabelMatcher matcher in matchers)
        {
            if (!external.Has(matcher.NameUtf8.Span)) remaining.Add(matcher);
            else if (!matcher.Matches(external)) return null;
        }

        return remaining;
    }

    private static bool IsWanted(BucketBlock block, IReadOnlyList<LabelMatcher> blockMatchers)
    {
        byte[] id = Encoding.ASCII.GetBytes(block.Meta.Id.ToString());
        return blockMatchers.All(m => m.Name == "__block_id" ? m.Matches(id) : m.MatchesEmpty);
    }

    /// <summary>The blocks of one set of external labels.</summary>
    private sealed class BlockSet(Labels external, IReadOnlyList<BucketBlock> blocks)
    {
        public Labels External => external;

        public IReadOnlyList<BucketBlock> Blocks => blocks;

        public BlockTimeline<BucketBlock> Timeline { get; } = new(blocks, static b => b.Meta);

        public TsdbInfo Info { get; } = new(external, blocks.Min(b => b.Meta.MinTimeMs), blocks.Max(b => b.Meta.MaxTimeMs));
    }
}
