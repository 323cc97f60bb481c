using Aion.Model;

namespace Aion.Blocks;

/// <summary>The blocks in a TSDB's folder, which another process may add to and delete from at any moment.</summary>
internal static class LocalBlocks
{
    /// <param name="Blocks">Oldest first.</param>
    /// <param name="Corrupt">Blocks whose meta.json can't be read, with the reason.</param>
    public readonly record struct Found(IReadOnlyList<BlockMeta> Blocks, IReadOnlyList<(BlockId Id, string Reason)> Corrupt);

    /// <exception cref="IOException">The folder itself can't be read.</exception>
    public static Found Scan(string directory)
    {
        var blocks = new List<BlockMeta>();
        var corrupt = new List<(BlockId, string)>();
        foreach (string folder in Directory.EnumerateDirectories(directory))
        {
            if (!BlockId.TryParse(Path.GetFileName(folder), out BlockId id)) continue;
            try
            {
                BlockMeta meta = BlockMetaFile.Read(folder);
                if (meta.Id == id) blocks.Add(meta);
                else corrupt.Add((id, $"{folder}: its meta.json describes block {meta.Id}"));
            }
            catch (Exception e) when (e is BlockMetaException or IOException or UnauthorizedAccessException)
            {
                // Deleted while we looked: not corrupt, just gone.
                if (Directory.Exists(folder)) corrupt.Add((id, e.Message));
            }
        }

        blocks.Sort((a, b) => a.MinTimeMs != b.MinTimeMs ? a.MinTimeMs.CompareTo(b.MinTimeMs) : a.Id.CompareTo(b.Id));
        return new Found(blocks, corrupt);
    }
}
