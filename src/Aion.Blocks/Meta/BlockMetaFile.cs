using Aion.ObjectStorage;

namespace Aion.Blocks;

/// <summary>meta.json of a block in a local folder.</summary>
public static class BlockMetaFile
{
    /// <exception cref="BlockMetaException">The file is no meta.json.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static BlockMeta Read(string blockDirectory)
    {
        string path = Path.Combine(blockDirectory, BlockLayout.MetaFile);
        long length = new FileInfo(path).Length;
        if (length > BlockMetaReader.MaxBytes) throw new BlockMetaException(BlockMetaError.Corrupt, $"{path}: {length} bytes are too many for a meta.json");
        return BlockMetaReader.Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Replaces the file in one step. A hard link to the old file keeps the old content.</summary>
    public static void Write(string blockDirectory, BlockMeta meta) =>
        DurableFile.WriteAllBytes(Path.Combine(blockDirectory, BlockLayout.MetaFile), BlockMetaWriter.ToUtf8(meta));
}
