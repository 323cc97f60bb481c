using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Aion.ObjectStorage;

/// <summary>
/// Tells files of this machine from those behind a network. A mapped page that can't be read kills the process, where a read only fails; on a
/// network that happens.
/// </summary>
internal static class LocalFiles
{
    private static readonly string[] FileSystems =
        ["ext2", "ext3", "ext4", "ext2/ext3", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay", "overlayfs", "apfs", "hfs", "ntfs"];

    /// <summary>
    /// Whether the open file lies on a file system of this machine; false where that can't be told. Asked of the file itself: a folder on the
    /// way to it may be a link, or another file system's mount point.
    /// </summary>
    /// <param name="path">What was opened; used where the system has no name for an open file.</param>
    public static bool Holds(SafeFileHandle file, string path)
    {
        string name = OperatingSystem.IsLinux() ? string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}") : path;
        try
        {
            string format = new DriveInfo(name).DriveFormat;
            GC.KeepAlive(file);
            return FileSystems.Contains(format, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
