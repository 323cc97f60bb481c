using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Blocks;

/// <summary>
/// Before a compacted block is shipped: does the bucket hold raw blocks of the same external labels in its time range? The bucket's
/// metas are read once, when first needed.
/// </summary>
internal sealed class OverlapCheck(IBucket bucket, Labels labels)
{
    private List<BlockMeta>? _metas;

    /// <summary>A block in the bucket that overlaps, or null.</summary>
    public async Task<BlockMeta?> FindAsync(BlockMeta block, CancellationToken cancellationToken)
    {
        _metas ??= await LoadAsync(cancellationToken);
        return _metas.Find(m => m.Id != block.Id && m.MinTimeMs < block.MaxTimeMs && block.MinTimeMs < m.MaxTimeMs);
    }

    public void Add(BlockMeta uploaded) => _metas?.Add(uploaded);

    private async Task<List<BlockMeta>> LoadAsync(CancellationToken cancellationToken)
    {
        var metas = new List<BlockMeta>();
        await foreach (BucketEntry entry in bucket.ListAsync("", recursive: false, cancellationToken))
        {
            if (!entry.IsDirectory || !BlockLayout.TryBlockOf(entry.Key, out BlockId id)) continue;
            string key = BlockLayout.MetaKey(id);
            byte[]? content = await bucket.TryReadAllAsync(key, BlockMetaReader.MaxBytes, cancellationToken);
            // A partial block holds nothing yet.
            if (content is null) continue;
            BlockMeta meta = BlockMetaReader.Parse(content, $"{key} in bucket {bucket.Name}");
            if (meta.Thanos.ResolutionMs == BlockResolution.Raw && meta.Thanos.Labels == labels) metas.Add(meta);
        }

        return metas;
    }
}
