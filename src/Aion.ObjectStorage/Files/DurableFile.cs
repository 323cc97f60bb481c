namespace Aion.ObjectStorage;

/// <summary>Local files that survive a crash: whole or not there, and on the disk before the call returns.</summary>
public static class DurableFile
{
    /// <summary>Replaces a file in one step: temporary name beside it, flush, rename, flush of the folder.</summary>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes creations, renames and removals inside a folder durable. Windows journals them by itself.</summary>
    public static void FlushDirectory(string path)
    {
        if (!OperatingSystem.IsWindows()) Posix.FlushDirectory(path);
    }

    /// <summary>Gives an existing file a second name on the same volume; its content is shared until either name is replaced.</summary>
    public static void HardLink(string existing, string path)
    {
        if (OperatingSystem.IsWindows()) Windows.HardLink(existing, path);
        else Posix.HardLink(existing, path);
    }
}
