using Aion.Hosting;
using Microsoft.Extensions.Logging;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Aion.StoreApi;

/// <summary>
/// Endpoints from files in Prometheus's file_sd format, JSON or YAML: a list of <c>targets</c> with <c>labels</c>, which are ignored.
/// Files are read when they change, seen by time and length, and after every interval; a file that can't be read keeps its last content.
/// </summary>
/// <param name="globs">Paths; <c>*</c> and <c>?</c> in the last part only.</param>
/// <param name="interval">Longest time without reading. Upstream: <c>--store.sd-interval</c>.</param>
public sealed class FileEndpoints(IReadOnlyList<string> globs, TimeSpan interval, TimeProvider time, ILogger logger) : IEndpointSource
{
    private readonly Dictionary<string, FileContent> _files = new(StringComparer.Ordinal);

    public async Task<IReadOnlyList<EndpointSpec>> ReadAsync(CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in globs.SelectMany(Expand))
        {
            if (!seen.Add(path)) continue;
            await RefreshAsync(path, cancellationToken);
        }

        foreach (string gone in _files.Keys.Where(p => !seen.Contains(p)).ToList()) _files.Remove(gone);
        return [.. _files.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => f.Value.Targets).Distinct().Select(t => new EndpointSpec(t))];
    }

    /// <summary>The targets of one file's text.</summary>
    /// <exception cref="FormatException">No list of target groups; says where.</exception>
    internal static IReadOnlyList<string> Parse(string text)
    {
        try
        {
            List<TargetGroup>? groups = new DeserializerBuilder().Build().Deserialize<List<TargetGroup>?>(text);
            return [.. (groups ?? []).SelectMany(g => g.Targets)];
        }
        catch (YamlException e)
        {
            throw new FormatException($"line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    private static IEnumerable<string> Expand(string glob)
    {
        string name = Path.GetFileName(glob);
        if (!name.Contains('*', StringComparison.Ordinal) && !name.Contains('?', StringComparison.Ordinal)) return File.Exists(glob) ? [glob] : [];
        string folder = Path.GetDirectoryName(glob) is { Length: > 0 } given ? given : ".";
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, name) : [];
    }

    private async Task RefreshAsync(string path, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        _files.TryGetValue(path, out FileContent? last);
        try
        {
            var file = new FileInfo(path);
            (DateTime, long) version = (file.LastWriteTimeUtc, file.Length);
            if (last is not null && last.Version == version && now - last.ReadAt < interval) return;
            _files[path] = new FileContent(version, now, Parse(await File.ReadAllTextAsync(path, cancellationToken)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            logger.Error("reading endpoints from file failed, its last content stays", [("path", path), ("err", e.Message)]);
        }
    }

    private sealed record FileContent((DateTime, long) Version, DateTimeOffset ReadAt, IReadOnlyList<string> Targets);

    private sealed class TargetGroup
    {
        [YamlMember(Alias = "targets")]
        public List<string> Targets { get; set; } = [];

        [YamlMember(Alias = "labels")]
        public Dictionary<string, string> Labels { get; set; } = [];
    }
}
