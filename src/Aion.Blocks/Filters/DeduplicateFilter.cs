using Aion.Model;

namespace Aion.Blocks;

/// <summary>
/// Leaves out blocks that another block of the same group replaces: all of their sources went into that one.
/// </summary>
/// <param name="isLeaving">
/// Whether a block is marked for deletion: it may be replaced but replaces nobody, or its successor with equal sources (after deletions, after a
/// repair) would go with it. Null where nothing is deleted for being replaced.
/// </param>
public sealed class DeduplicateFilter(Func<BlockId, bool>? isLeaving = null) : IBlockFilter
{
    private IReadOnlyList<BlockId> _duplicates = [];

    /// <summary>The blocks left out by the last sync.</summary>
    public IReadOnlyList<BlockId> Duplicates => Volatile.Read(ref _duplicates);

    public ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        IReadOnlyList<BlockId> duplicates = FindDuplicates(selection.Metas.Values, isLeaving);
        foreach (BlockId id in duplicates) selection.Remove(id, BlockState.Duplicate);
        Volatile.Write(ref _duplicates, duplicates);
        return ValueTask.CompletedTask;
    }

    /// <summary>Of blocks with equal sources the one with the lowest id stays.</summary>
    public static IReadOnlyList<BlockId> FindDuplicates(IEnumerable<BlockMeta> metas, Func<BlockId, bool>? isLeaving = null)
    {
        var duplicates = new List<BlockId>();
        foreach (var group in metas.GroupBy(m => (m.Thanos.ResolutionMs, m.Thanos.Labels)))
        {
            // Only blocks that hold its first source can replace a block.
            var acceptedBySource = new Dictionary<BlockId, List<HashSet<BlockId>>>();
            foreach (BlockMeta meta in group.OrderBy(IsLeaving).ThenByDescending(m => m.Compaction.Sources.Count).ThenBy(m => m.Id))
            {
                var sources = meta.Sources.ToHashSet();
                if (acceptedBySource.GetValueOrDefault(sources.First())?.Any(accepted => sources.IsSubsetOf(accepted)) == true)
                {
                    duplicates.Add(meta.Id);
                    continue;
                }

                if (IsLeaving(meta)) continue;
                foreach (BlockId source in sources)
                {
                    if (!acceptedBySource.TryGetValue(source, out var holders)) acceptedBySource[source] = holders = [];
                    holders.Add(sources);
                }
            }
        }

        return duplicates;

        bool IsLeaving(BlockMeta meta) => isLeaving?.Invoke(meta.Id) == true;
    }
}
