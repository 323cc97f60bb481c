using Aion.Model;

namespace Aion.Blocks;

/// <summary>One step of a component's selection of blocks. Later filters see what earlier ones left.</summary>
public interface IBlockFilter
{
    /// <exception cref="ObjectStorage.BucketException">What the filter has to read could not be read.</exception>
    ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken);
}

/// <summary>The selection under way. Not thread-safe.</summary>
public sealed class BlockSelection
{
    private readonly Dictionary<BlockId, BlockMeta> _metas;
    private readonly Dictionary<string, int> _removed = [];
    private readonly MetaSnapshot _snapshot;

    public BlockSelection(MetaSnapshot snapshot, DateTimeOffset now)
    {
        _snapshot = snapshot;
        _metas = new Dictionary<BlockId, BlockMeta>(snapshot.Metas);
        Now = now;
    }

    /// <summary>The time of this sync; filters take no other.</summary>
    public DateTimeOffset Now { get; }

    public IReadOnlyDictionary<BlockId, BlockMeta> Metas => _metas;

    /// <summary>Blocks taken out or noted, by state; see <see cref="BlockState"/>.</summary>
    public IReadOnlyDictionary<string, int> Removed => _removed;

    public int ModifiedCount { get; private set; }

    /// <summary>The markers beside a block; null when the discovery did not tell and they have to be looked for.</summary>
    public BlockMarks? MarksOf(BlockId id) => _snapshot.Listed.TryGetValue(id, out ListedBlock block) ? block.Marks : null;

    /// <summary>True while the bucket holds the block's directory, selected or not.</summary>
    public bool IsListed(BlockId id) => _snapshot.Listed.ContainsKey(id);

    /// <summary>Every directory named as a block, complete or partial.</summary>
    public IEnumerable<BlockId> Listed => _snapshot.Listed.Keys;

    public void Remove(BlockId id, string state)
    {
        if (_metas.Remove(id)) _removed[state] = _removed.GetValueOrDefault(state) + 1;
    }

    /// <summary>Counts blocks that are in a state of interest and stay.</summary>
    public void Note(string state, int blocks) => _removed[state] = _removed.GetValueOrDefault(state) + blocks;

    public void Replace(BlockMeta meta)
    {
        _metas[meta.Id] = meta;
        ModifiedCount++;
    }
}

/// <summary>Values of the <c>state</c> label of <c>blocks_meta_synced</c>, and of <c>modified</c>.</summary>
public static class BlockState
{
    public const string CorruptedMetaJson = "corrupted-meta-json";
    public const string NoMetaJson = "no-meta-json";
    public const string Loaded = "loaded";
    public const string Failed = "failed";
    public const string LabelExcluded = "label-excluded";
    public const string TimeExcluded = "time-excluded";
    public const string TooFresh = "too-fresh";
    public const string Duplicate = "duplicate";
    public const string MarkedForDeletion = "marked-for-deletion";
    public const string MarkedForNoCompact = "marked-for-no-compact";
    public const string MarkedForNoDownsample = "marked-for-no-downsample";
    public const string ParquetMigrated = "parquet-migrated";
    public const string ReplicaLabelRemoved = "replica-label-removed";

    internal static string[] All { get; } =
    [
        CorruptedMetaJson, NoMetaJson, Loaded, Failed, LabelExcluded, TimeExcluded, TooFresh, Duplicate, MarkedForDeletion,
        MarkedForNoCompact, MarkedForNoDownsample, ParquetMigrated,
    ];
}
