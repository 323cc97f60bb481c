using System.Text.Json;
using Aion.Testing;

namespace Aion.Tsdb.Tests;

/// <summary>Paths and lines below <c>shared/golden/tsdb</c>.</summary>
internal static class GoldenFiles
{
    public static string Path(string relative) => SharedFolder.Require(["golden", "tsdb", .. relative.Split('/')]);

    /// <summary>The one block directory in a folder.</summary>
    public static string BlockIn(string folder) => Directory.GetDirectories(Path(folder)).Single(d => System.IO.Path.GetFileName(d).Length == 26);

    public static IEnumerable<JsonElement> Lines(string file)
    {
        foreach (string line in File.ReadLines(Path(file)))
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }
}
