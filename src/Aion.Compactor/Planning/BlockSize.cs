using Aion.Blocks;

namespace Aion.Compactor;

/// <summary>What a block's meta.json says of its size.</summary>
public static class BlockSize
{
    /// <summary>Bytes of all files that the meta lists; 0 when it lists none.</summary>
    public static long TotalBytes(this BlockMeta meta)
    {
        long total = 0;
        foreach (BlockFile file in meta.Thanos.Files) total += file.SizeBytes;
        return total;
    }

    public static long IndexBytes(this BlockMeta meta)
    {
        foreach (BlockFile file in meta.Thanos.Files)
            if (file.RelativePath == BlockLayout.IndexFile) return file.SizeBytes;
        return 0;
    }

    /// <summary>Objects of the block, without marks.</summary>
    public static int ObjectCount(this BlockMeta meta) => meta.Thanos.Files.Count;
}
