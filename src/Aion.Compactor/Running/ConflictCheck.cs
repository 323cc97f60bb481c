using System.Collections.Concurrent;
using Aion.Blocks;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Compactor;

/// <summary>
/// Before a new block goes up: are its sources still there and unmarked, and has nobody else made a block of them meanwhile? It finds a
/// second compactor that was started by mistake. Where both pass it at the same moment, the bucket holds two blocks of the same sources, of
/// which everyone keeps the same one.
/// </summary>
internal sealed class ConflictCheck(IBucket bucket, IReadOnlyList<string> replicaLabels)
{
    // A block's labels and sources never change.
    private readonly ConcurrentDictionary<BlockId, BlockMeta> _read = new();

    /// <summary>What speaks against the upload, for a person; null when nothing does.</summary>
    /// <param name="plan">What was merged.</param>
    /// <param name="known">Blocks that the plan was made with.</param>
    /// <param name="seen">Metas that are known already, of any blocks; only the others' are read.</param>
    /// <exception cref="BucketException">The bucket failed.</exception>
    public async Task<string?> FindAsync(
        CompactionPlan plan, IReadOnlySet<BlockId> known, IReadOnlyDictionary<BlockId, BlockMeta> seen, CancellationToken cancellationToken)
    {
        foreach (BlockMeta source in plan.Blocks)
        {
            if (!await bucket.ExistsAsync(BlockLayout.MetaKey(source.Id), cancellationToken)) return $"source block {source.Id} is gone";
            if (await bucket.ExistsAsync(BlockLayout.Key(source.Id, BlockLayout.DeletionMarkFile), cancellationToken))
                return $"source block {source.Id} was marked for deletion meanwhile";
        }

        var strangers = new HashSet<BlockId>();
        await foreach (BucketEntry entry in bucket.ListAsync("", recursive: false, cancellationToken))
            if (entry.IsDirectory && BlockLayout.TryBlockOf(entry.Key, out BlockId id) && !known.Contains(id)) strangers.Add(id);
        foreach (BlockId id in _read.Keys)
            if (seen.ContainsKey(id) || !strangers.Contains(id)) _read.TryRemove(id, out _);
        var sources = plan.Sources.ToHashSet();
        foreach (BlockId id in strangers)
        {
            if ((seen.GetValueOrDefault(id) ?? await MetaOfAsync(id, cancellationToken)) is { } meta && IsOfGroup(meta, plan.Group) && meta.Compaction.Sources.Any(sources.Contains))
                return $"block {id} was made of the same sources meanwhile";
        }

        return null;
    }

    private bool IsOfGroup(BlockMeta meta, BlockGroup group) =>
        meta.Thanos.ResolutionMs == group.ResolutionMs && ReplicaLabelFilter.WithoutReplicaLabels(meta.Thanos.Labels, replicaLabels) == group.Labels;

    private async Task<BlockMeta?> MetaOfAsync(BlockId id, CancellationToken cancellationToken)
    {
        if (_read.TryGetValue(id, out BlockMeta? read)) return read;
        string key = BlockLayout.MetaKey(id);
        byte[]? content = await bucket.TryReadAllAsync(key, BlockMetaReader.MaxBytes, cancellationToken);
        if (content is null) return null;
        try
        {
            return _read[id] = BlockMetaReader.Parse(content, key);
        }
        catch (BlockMetaException)
        {
            // Not a block that anyone could take for a result.
            return null;
        }
    }
}
