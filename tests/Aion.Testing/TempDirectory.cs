namespace Aion.Testing;

/// <summary>A folder of its own for one test, removed at the end.</summary>
public sealed class TempDirectory : IDisposable
{
    public TempDirectory() => Path = Directory.CreateTempSubdirectory("aion-test-").FullName;

    public string Path { get; }

    public string Combine(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Copies a folder tree into this one and returns the copy's path.</summary>
    public string CopyOf(string source, string name)
    {
        string target = Combine(name);
        Directory.CreateDirectory(target);
        foreach (string directory in Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(System.IO.Path.Combine(target, System.IO.Path.GetRelativePath(source, directory)));
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = System.IO.Path.Combine(target, System.IO.Path.GetRelativePath(source, file));
            File.Copy(file, copy);
            if (OperatingSystem.IsWindows()) continue;
            // Fixtures may be read-only; a test may want to damage its copy.
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return target;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
