using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Aion.Hosting;

/// <summary>Answers <c>status/flags</c>, <c>status/buildinfo</c> and <c>status/runtimeinfo</c>, which several components have.</summary>
/// <remarks>Source: reference/http-api.md H-4.3 and H-6.</remarks>
/// <param name="flags">What <c>status/flags</c> shows; see <see cref="ParsedFlags.Texts"/>.</param>
public sealed class StatusApi(BuildInformation build, IReadOnlyList<KeyValuePair<string, string>> flags, DateTimeOffset started)
{
    public void Map(ApiRoutes routes)
    {
        routes.MapGet("/status/flags", "status_flags", (_, _) => Task.FromResult(Flags()));
        routes.MapGet("/status/buildinfo", "status_build", (_, _) => Task.FromResult(BuildInfo()));
        routes.MapGet("/status/runtimeinfo", "status_runtime", (_, _) => Task.FromResult(RuntimeInfo()));
    }

    private ApiResult Flags() => ApiResult.Json(json => WriteObject(json, flags.OrderBy(f => f.Key, StringComparer.Ordinal)));

    private ApiResult BuildInfo() => ApiResult.Json(json => WriteObject(
        json,
        [
            new("version", build.Version), new("revision", build.Revision), new("branch", build.Branch),
            new("buildUser", ""), new("buildDate", ""), new("goVersion", build.Runtime),
        ]));

    /// <summary>The fields are those of a Go program; each holds what comes closest to it here, or nothing.</summary>
    private ApiResult RuntimeInfo() => ApiResult.Json(json =>
    {
        using Process process = Process.GetCurrentProcess();
        json.WriteStartObject();
        json.WriteString("startTime", started.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        json.WriteString("CWD", Environment.CurrentDirectory);
        json.WriteNumber("goroutineCount", process.Threads.Count);
        json.WriteNumber("GOMAXPROCS", Environment.ProcessorCount);
        json.WriteString("GOGC", "");
        json.WriteString("GODEBUG", "");
        json.WriteNumber("GOMEMLIMIT", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        json.WriteEndObject();
    });

    private static void WriteObject(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, string>> pairs)
    {
        json.WriteStartObject();
        foreach ((string name, string value) in pairs) json.WriteString(name, value);
        json.WriteEndObject();
    }
}
