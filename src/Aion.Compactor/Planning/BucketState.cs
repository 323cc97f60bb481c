using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>A bucket at one moment, as one compactor sees it after its filters. Immutable.</summary>
public sealed record BucketState
{
    /// <summary>The blocks to work with: complete, of this shard, old enough, not marked for long, and not replaced by another one.</summary>
    public IReadOnlyDictionary<BlockId, BlockMeta> Metas { get; init; } = new Dictionary<BlockId, BlockMeta>();

    /// <summary>Deletion marks of this shard's blocks, whatever their age.</summary>
    public IReadOnlyDictionary<BlockId, DeletionMark> DeletionMarks { get; init; } = new Dictionary<BlockId, DeletionMark>();

    public IReadOnlyDictionary<BlockId, NoCompactMark> NoCompactMarks { get; init; } = new Dictionary<BlockId, NoCompactMark>();

    public IReadOnlyDictionary<BlockId, NoDownsampleMark> NoDownsampleMarks { get; init; } = new Dictionary<BlockId, NoDownsampleMark>();

    /// <summary>Blocks that others replace; see <see cref="DeduplicateFilter"/>.</summary>
    public IReadOnlyList<BlockId> Duplicates { get; init; } = [];

    public IReadOnlyDictionary<BlockId, PartialUpload> Partials { get; init; } = new Dictionary<BlockId, PartialUpload>();
}

/// <summary>A block without a usable meta.json.</summary>
/// <param name="LastModified">When its youngest object was stored; null when there is no object whose time is known.</param>
/// <param name="DeletionMark">Its deletion was under way, or was asked for.</param>
public sealed record PartialUpload(DateTimeOffset? LastModified, DeletionMark? DeletionMark = null);
