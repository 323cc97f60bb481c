using Aion.Model;

namespace Aion.Compactor;

/// <summary>The local folders of jobs: <c>&lt;data&gt;/compact/&lt;group&gt;/&lt;block&gt;</c> and <c>&lt;data&gt;/downsample/&lt;block&gt;</c>.</summary>
internal sealed class WorkFolder(string dataDirectory)
{
    public string CompactRoot { get; } = Path.Combine(dataDirectory, "compact");

    public string DownsampleRoot { get; } = Path.Combine(dataDirectory, "downsample");

    /// <summary>Made if it is not there. A group's key holds digits and one <c>@</c>.</summary>
    public string OfGroup(string key) => Directory.CreateDirectory(Path.Combine(CompactRoot, key)).FullName;

    public string OfDownsampling(BlockId block) => Directory.CreateDirectory(Path.Combine(DownsampleRoot, block.ToString())).FullName;

    /// <summary>Removes what belongs to no group or block any more. What is left of a broken-off job of a known one is used again.</summary>
    public static void RemoveUnknown(string root, Func<string, bool> isKnown)
    {
        if (!Directory.Exists(root)) return;
        foreach (string folder in Directory.EnumerateDirectories(root))
            if (!isKnown(Path.GetFileName(folder))) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Bytes in a folder; 0 when it is not there.</summary>
    public static long SizeOf(string folder) =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length) : 0;

    public static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
