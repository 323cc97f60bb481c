using System.Reflection;
using System.Runtime.InteropServices;

namespace Aion.Hosting;

/// <summary>Which build is running; shown by <c>--version</c>, <c>thanos_build_info</c> and <c>/api/v1/status/buildinfo</c>.</summary>
/// <param name="Version">Semantic version, without the revision.</param>
/// <param name="Revision">Commit, or "unknown" when the build did not record it.</param>
public sealed record BuildInformation(string Version, string Revision, string Branch)
{
    /// <summary>Runtime, as upstream shows its compiler: <c>.NET 10.0.1</c>.</summary>
    public string Runtime { get; } = RuntimeInformation.FrameworkDescription;

    public string OperatingSystem { get; } = RuntimeInformation.RuntimeIdentifier.Split('-')[0];

    /// <summary>In the field's spelling: <c>amd64</c>, <c>arm64</c>.</summary>
    public string Architecture { get; } = RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        var other => other.ToString().ToLowerInvariant(),
    };

    public static BuildInformation OfEntryAssembly()
    {
        Assembly assembly = Assembly.GetEntryAssembly() ?? typeof(BuildInformation).Assembly;
        string full = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        string[] parts = full.Split('+', 2);
        string branch = assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "Branch")?.Value ?? "unknown";
        return new BuildInformation(parts[0], parts.Length > 1 ? parts[1] : "unknown", branch);
    }
}
