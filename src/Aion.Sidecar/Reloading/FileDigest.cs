using System.Security.Cryptography;
using System.Text;

namespace Aion.Sidecar;

/// <summary>One SHA-256 over names and content of files, so that any change of either shows.</summary>
internal static class FileDigest
{
    // Neither ends a name nor a file that Prometheus reads.
    private static readonly byte[] Separator = [0xff];

    /// <param name="file">A file; empty for none.</param>
    /// <param name="directories">Folders, or links to folders, taken with all that lies in them.</param>
    /// <exception cref="IOException">Something can't be read, or changes while it is.</exception>
    /// <exception cref="UnauthorizedAccessException">Something may not be read.</exception>
    public static byte[] Of(string file, IReadOnlyList<string> directories)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (file.Length > 0) Append(hash, file);
        foreach (string directory in directories) AppendAll(hash, directory);
        return hash.GetHashAndReset();
    }

    // Links to files are followed, as Kubernetes's volumes need; links to folders are not, since they may lead back up.
    private static void AppendAll(IncrementalHash hash, string directory)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(directory).Order(StringComparer.Ordinal))
        {
            if (!Directory.Exists(path)) Append(hash, path);
            else if (new DirectoryInfo(path).LinkTarget is null) AppendAll(hash, path);
        }
    }

    private static void Append(IncrementalHash hash, string path)
    {
        hash.AppendData(Separator);
        hash.AppendData(Encoding.UTF8.GetBytes(path));
        hash.AppendData(Separator);
        using FileStream content = File.OpenRead(path);
        var buffer = new byte[16 << 10];
        for (int read; (read = content.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
    }
}
