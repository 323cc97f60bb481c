namespace Aion.Hosting;

/// <summary>Size and time of change of a set of files, to see that one of them was replaced.</summary>
internal readonly record struct FileVersions(string Stamp)
{
    /// <summary>A missing file has a version of its own.</summary>
    public static FileVersions Of(IEnumerable<string> paths) => new(string.Join('|', paths.Select(StampOf)));

    private static string StampOf(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? $"{file.Length}:{file.LastWriteTimeUtc.Ticks}" : "-";
    }
}
