namespace Aion.ObjectStorage;

/// <summary>
/// Tells folders on a disk of this machine from those behind a network: a read of the former keeps a thread waiting for a disk at most.
/// </summary>
internal static class LocalFiles
{
    private static readonly string[] FileSystems =
        ["ext2", "ext3", "ext4", "ext2/ext3", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay", "overlayfs", "apfs", "hfs", "ntfs"];

    /// <summary>
    /// Whether the folder lies on a file system of this machine; false where that can't be told. A link in it may lead elsewhere: reading
    /// what lies there takes longer, and fails as any read does.
    /// </summary>
    public static bool Hold(string directory)
    {
        try
        {
            return FileSystems.Contains(new DriveInfo(directory).DriveFormat, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
