using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>A bucket at one moment, as one compactor sees it after its filters. Immutable.</summary>
public sealed record BucketState
{
    /// <summary>The blocks to work with: complete, of this shard, old enough, not marked for long, and not replaced by another one.</summary>
    public IReadOnlyDictionary<BlockId, BlockMeta> Metas { get; init; } = new Dictionary<BlockId, BlockMeta>();

    /// <summary>Metas of all complete blocks of the bucket as they are there, also of those that are none of this compactor's business.</summary>
    public IReadOnlyDictionary<BlockId, BlockMeta> All { get; init; } = new Dictionary<BlockId, BlockMeta>();

    /// <summary>False when metas could not be had: blocks may be missing between those that are there.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>Those of <see cref="Metas"/> that are to stay: a block marked for deletion is neither merged nor downsampled any more.</summary>
    public IEnumerable<BlockMeta> Staying => Metas.Values.Where(m => !DeletionMarks.ContainsKey(m.Id));

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
public sealed record PartialUpload(DateTimeOffset? LastModified, DeletionMark? DeletionMark = null)
{
    /// <summary>There is a meta.json and it can't be read: all data may be there, so nothing of it is deleted unasked.</summary>
    public bool HasCorruptMeta { get; init; }

    /// <summary>Why the deletion mark beside it can't be understood; empty when it can, or there is none. Nothing is deleted then, either.</summary>
    public string StrangeMark { get; init; } = "";
}
