using System.Xml.Linq;
using Aion.Testing;

namespace Aion.Architecture.Tests;

/// <summary>Proves from the project files that references point down the levels only (design §3).</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, int> Levels = new()
    {
        ["Aion.Model"] = 0,
        ["Aion.Storage"] = 1,
        ["Aion.ObjectStorage"] = 1,
        ["Aion.ObjectStorage.S3"] = 2,
        ["Aion.ObjectStorage.Azure"] = 2,
        ["Aion.ObjectStorage.Gcs"] = 2,
        ["Aion.ObjectStorage.Swift"] = 2,
        ["Aion.Tsdb"] = 2,
        ["Aion.PromQL"] = 2,
        ["Aion.Protocol"] = 2,
        ["Aion.Hosting"] = 2,
        ["Aion.Rules"] = 3,
        ["Aion.Blocks"] = 3,
        ["Aion.Caching"] = 3,
        ["Aion.StoreApi"] = 3,
        ["Aion.Sidecar"] = 4,
        ["Aion.StoreGateway"] = 4,
        ["Aion.Query"] = 4,
        ["Aion.Compactor"] = 4,
        ["Aion.Tools"] = 5,
        ["Aion"] = 6,
    };

    private static readonly string[] Pure = ["Aion.Model", "Aion.Storage", "Aion.Tsdb", "Aion.PromQL", "Aion.Rules"];

    public static TheoryData<string> Projects => [.. Directory.EnumerateFiles(
        Path.Combine(SharedFolder.RepositoryRoot, "src"), "*.csproj", SearchOption.AllDirectories)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_point_to_lower_levels_only(string projectFile)
    {
        string project = Path.GetFileNameWithoutExtension(projectFile);
        Assert.True(Levels.TryGetValue(project, out int level), $"{project} has no level: add it to the table and to design's folder tree");

        foreach (string reference in References(projectFile, "ProjectReference"))
        {
            string target = Path.GetFileNameWithoutExtension(reference.Replace('\\', '/'));
            Assert.True(Levels[target] < level, $"{project} (level {level}) references {target} (level {Levels[target]})");
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Pure_projects_know_no_server_and_no_cloud(string projectFile)
    {
        if (!Pure.Contains(Path.GetFileNameWithoutExtension(projectFile))) return;

        Assert.Empty(References(projectFile, "FrameworkReference"));
        Assert.DoesNotContain(
            References(projectFile, "PackageReference"),
            p => p.StartsWith("Grpc", StringComparison.Ordinal) || p.StartsWith("Google", StringComparison.Ordinal)
                || p.StartsWith("AWSSDK", StringComparison.Ordinal) || p.StartsWith("Microsoft.Extensions", StringComparison.Ordinal));
    }

    private static IEnumerable<string> References(string projectFile, string kind) =>
        XDocument.Load(projectFile).Descendants(kind).Select(e => (string)e.Attribute("Include")!);
}
