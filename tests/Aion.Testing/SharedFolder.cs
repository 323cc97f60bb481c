using System.Runtime.CompilerServices;
using Xunit;

namespace Aion.Testing;

/// <summary>The project's shared material beside the checkout: golden recordings, conformance scripts, service scripts.</summary>
public static class SharedFolder
{
    /// <summary>The checkout's root, found from this source file's place at build time or from the running binary.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    public static string Root { get; } = Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared"));

    /// <summary>A path inside shared/. Skips the test with a reason where shared/ is absent, which in CI is a failure instead.</summary>
    public static string Require(params ReadOnlySpan<string> parts)
    {
        string path = Path.Combine([Root, .. parts]);
        if (!Path.Exists(path))
        {
            if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail($"{path} is missing; in CI nothing is skipped");
            Assert.Skip($"{path} is not on this machine");
        }

        return path;
    }

    /// <summary>Text of a list in the repo, one entry a line; blank lines and lines starting with # are left out.</summary>
    public static IReadOnlyList<string> ListBeside(string fileName, [CallerFilePath] string callerPath = "") =>
        [.. File.ReadLines(Path.Combine(Path.GetDirectoryName(callerPath)!, fileName)).Where(l => l.Length > 0 && l[0] != '#')];

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Aion.slnx"))) return folder;
        throw new DirectoryNotFoundException("Aion.slnx is not above the test binary");
    }
}
