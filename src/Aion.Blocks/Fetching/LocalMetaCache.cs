using Aion.Model;
using Microsoft.Extensions.Logging;

namespace Aion.Blocks;

/// <summary>
/// Copies of meta.json under <c>&lt;folder&gt;/meta-syncer/&lt;block&gt;/</c>, so that a restart reads the local disk instead of the bucket.
/// A cache only: what can't be read is fetched again, what can't be written is not kept.
/// </summary>
internal sealed class LocalMetaCache(string directory, ILogger logger)
{
    private readonly string _root = Path.Combine(directory, "meta-syncer");
    private bool _complained;

    /// <param name="storedAt">When the bucket's meta.json was stored, if known: an older copy is of another content.</param>
    public BlockMeta? TryRead(BlockId id, DateTimeOffset? storedAt)
    {
        string folder = Folder(id);
        try
        {
            var file = new FileInfo(Path.Combine(folder, BlockLayout.MetaFile));
            if (!file.Exists || (storedAt is { } stored && file.LastWriteTimeUtc < stored.UtcDateTime)) return null;
            BlockMeta meta = BlockMetaFile.Read(folder);
            return meta.Id == id ? meta : null;
        }
        catch (Exception e) when (e is BlockMetaException or IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("cached meta of block {Block} can't be used and is fetched again: {Reason}", id, e.Message);
            return null;
        }
    }

    public void Write(BlockId id, byte[] content)
    {
        try
        {
            // Not flushed: what a crash leaves half-written is no JSON, and is fetched again.
            string path = Path.Combine(Folder(id), BlockLayout.MetaFile), temporary = path + ".tmp";
            Directory.CreateDirectory(Folder(id));
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(e);
        }
    }

    public void RemoveAllBut(IReadOnlyCollection<BlockId> blocks)
    {
        var kept = blocks.ToHashSet();
        try
        {
            if (!Directory.Exists(_root)) return;
            foreach (string folder in Directory.EnumerateDirectories(_root))
                if (BlockId.TryParse(Path.GetFileName(folder), out BlockId id) && !kept.Contains(id)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(e);
        }
    }

    private string Folder(BlockId id) => Path.Combine(_root, id.ToString());

    private void Complain(Exception e)
    {
        if (_complained) return;
        _complained = true;
        logger.LogWarning("metas can't be kept under {Folder}; each start fetches them again: {Reason}", _root, e.Message);
    }
}
