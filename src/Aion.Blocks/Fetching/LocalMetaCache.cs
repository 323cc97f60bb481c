using Aion.Model;
using Microsoft.Extensions.Logging;

namespace Aion.Blocks;

/// <summary>
/// Copies of metas in <c>&lt;folder&gt;/meta-syncer/metas.pack</c>, so that a restart reads one local file instead of the bucket. The folders
/// that Thanos keeps there, one a block, are read where they are found and replaced by the pack. A cache only: what can't be read is fetched
/// again, what can't be written is not kept.
/// </summary>
internal sealed class LocalMetaCache(string directory, ILogger logger)
{
    private const string PackFile = "metas.pack";

    private readonly string _root = Path.Combine(directory, "meta-syncer");
    private readonly Lock _lock = new();
    private Dictionary<BlockId, BlockMeta>? _packed;
    private DateTime _packedAt;
    private bool _loaded;
    private int _changes;
    private int _kept;
    private bool _complained;

    private string PackPath => Path.Combine(_root, PackFile);

    /// <param name="storedAt">When the bucket's meta.json was stored, if known: an older copy is of another content.</param>
    public BlockMeta? TryRead(BlockId id, DateTimeOffset? storedAt)
    {
        if (Packed() is { } packed && packed.TryGetValue(id, out BlockMeta? known) && !(storedAt is { } at && _packedAt < at.UtcDateTime)) return known;
        string folder = Folder(id);
        try
        {
            var file = new FileInfo(Path.Combine(folder, BlockLayout.MetaFile));
            if (!file.Exists || (storedAt is { } stored && file.LastWriteTimeUtc < stored.UtcDateTime)) return null;
            BlockMeta meta = BlockMetaFile.Read(folder);
            if (meta.Id != id) return null;
            Interlocked.Increment(ref _changes);
            return meta;
        }
        catch (Exception e) when (e is BlockMetaException or IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("cached meta of block {Block} can't be used and is fetched again: {Reason}", id, e.Message);
            return null;
        }
    }

    /// <summary>A meta came from the bucket.</summary>
    public void Changed() => Interlocked.Increment(ref _changes);

    /// <summary>Ends a sync: what is kept is from here on what is known of the bucket.</summary>
    public void Keep(IReadOnlyCollection<BlockMeta> metas)
    {
        Packed();
        bool changed = Interlocked.Exchange(ref _changes, 0) > 0 || _kept != metas.Count;
        _kept = metas.Count;
        // The metas are in memory now; the pack is for the next start.
        _packed = null;
        if (!changed) return;
        try
        {
            // Not flushed: what a crash leaves half-written fails its checksum, and the metas are fetched again.
            Directory.CreateDirectory(_root);
            File.WriteAllBytes(PackPath + ".tmp", PackedMetas.Encode(metas));
            File.Move(PackPath + ".tmp", PackPath, overwrite: true);
            foreach (string folder in Directory.EnumerateDirectories(_root))
                if (BlockId.TryParse(Path.GetFileName(folder), out _)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_complained) return;
            _complained = true;
            logger.LogWarning("metas can't be kept under {Folder}; each start fetches them again: {Reason}", _root, e.Message);
        }
    }

    private Dictionary<BlockId, BlockMeta>? Packed()
    {
        if (Volatile.Read(ref _loaded)) return _packed;
        lock (_lock)
        {
            if (_loaded) return _packed;
            _packed = ReadPack();
            _kept = _packed?.Count ?? 0;
            Volatile.Write(ref _loaded, true);
            return _packed;
        }
    }

    private Dictionary<BlockId, BlockMeta>? ReadPack()
    {
        try
        {
            if (!File.Exists(PackPath)) return null;
            _packedAt = File.GetLastWriteTimeUtc(PackPath);
            return PackedMetas.Decode(File.ReadAllBytes(PackPath)).ToDictionary(m => m.Id);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            logger.LogWarning("{File} can't be used, metas are read one by one: {Reason}", PackPath, e.Message);
            return null;
        }
    }

    private string Folder(BlockId id) => Path.Combine(_root, id.ToString());
}
