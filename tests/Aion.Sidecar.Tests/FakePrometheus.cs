using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aion.Model;
using Aion.Protocol;
using Aion.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MatchType = Aion.Model.MatchType;

namespace Aion.Sidecar.Tests;

/// <summary>
/// A Prometheus of our making on a free port: answers from a list of series as the real one does, in the order of the stored labels and
/// with external labels added in a remote read; and misbehaves on request.
/// </summary>
internal sealed partial class FakePrometheus : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IReadOnlyList<ChunkSeries> _series;

    private FakePrometheus(Labels external, IReadOnlyList<ChunkSeries> series)
    {
        External = external;
        _series = [.. series.OrderBy(s => s.Labels)];
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.UseRouting();
        _app.Use(async (http, next) =>
        {
            Requests.Add(http.Request.Path + http.Request.QueryString);
            if (await Intercept(http)) return;
            await next(http);
        });
        _app.MapGet("/api/v1/status/config", http => WriteAsync(http, new { yaml = Yaml() }));
        _app.MapGet("/api/v1/status/flags", http => WriteAsync(http, Flags));
        _app.MapGet("/api/v1/status/buildinfo", http => WriteAsync(http, new { version = Version }));
        _app.MapGet("/metrics", http => http.Response.WriteAsync($"# HELP x\nprometheus_tsdb_lowest_timestamp_seconds {LowestSeconds}\n"));
        _app.MapPost("/api/v1/read", ReadAsync);
        _app.MapGet("/api/v1/series", http => WriteAsync(http, Matching(http).Select(s => s.Labels.Pairs().ToDictionary())));
        _app.MapGet("/api/v1/labels", http => WriteAsync(
            http, Matching(http).SelectMany(s => s.Labels.Pairs().Select(p => p.Key)).Distinct().Order(StringComparer.Ordinal)));
        _app.MapGet("/api/v1/label/{name}/values", http => WriteAsync(
            http,
            Matching(http).Select(s => s.Labels.GetValueOrNull((string)http.Request.RouteValues["name"]!)).OfType<string>().Distinct().Order(StringComparer.Ordinal)));
    }

    public Labels External { get; set; }

    public string Version { get; set; } = "2.42.0+ds";

    public string LowestSeconds { get; set; } = "0";

    public int SeriesPerFrame { get; set; } = 2;

    /// <summary>Answers a remote read with samples instead of chunks.</summary>
    public IReadOnlyList<RemoteReadSeries>? Sampled { get; set; }

    public Dictionary<string, string> Flags { get; } = new()
    {
        ["storage.tsdb.min-block-duration"] = "2h",
        ["storage.tsdb.max-block-duration"] = "2h",
    };

    public List<string> Requests { get; } = [];

    /// <summary>The remote reads seen.</summary>
    public List<RemoteReadRequest> Reads { get; } = [];

    /// <summary>True when it has answered itself.</summary>
    public Func<HttpContext, Task<bool>> Intercept { get; set; } = _ => Task.FromResult(false);

    public Uri Address { get; private set; } = null!;

    public static async Task<FakePrometheus> StartAsync(Labels external, IReadOnlyList<ChunkSeries> series)
    {
        var fake = new FakePrometheus(external, series);
        await fake._app.StartAsync();
        fake.Address = new Uri(fake._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return fake;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static Task WriteAsync<T>(HttpContext http, T data) =>
        http.Response.WriteAsync(JsonSerializer.Serialize(new { status = "success", data }));

    private string Yaml() =>
        External.IsEmpty
            ? "global:\n  scrape_interval: 1s\n"
            : "global:\n  external_labels:\n" + string.Concat(External.Pairs().Select(p => $"    {p.Key}: {p.Value}\n"));

    private IEnumerable<ChunkSeries> Matching(HttpContext http)
    {
        var matchers = new List<LabelMatcher>();
        foreach (Match m in MatcherText().Matches(http.Request.Query["match[]"].ToString()))
        {
            MatchType type = m.Groups[2].Value switch { "=" => MatchType.Equal, "!=" => MatchType.NotEqual, "=~" => MatchType.Regex, _ => MatchType.NotRegex };
            matchers.Add(new LabelMatcher(type, m.Groups[1].Value, m.Groups[3].Value));
        }

        IEnumerable<ChunkSeries> found = Matching(matchers, Time(http, "start", long.MinValue), Time(http, "end", long.MaxValue));
        return int.TryParse(http.Request.Query["limit"], CultureInfo.InvariantCulture, out int limit) ? found.Take(limit) : found;
    }

    private static long Time(HttpContext http, string name, long otherwise) =>
        decimal.TryParse(http.Request.Query[name], CultureInfo.InvariantCulture, out decimal seconds) ? (long)(seconds * 1000) : otherwise;

    private IEnumerable<ChunkSeries> Matching(IReadOnlyList<LabelMatcher> matchers, long min, long max)
    {
        foreach (ChunkSeries series in _series)
        {
            if (!matchers.All(m => m.Matches(series.Labels))) continue;
            SeriesChunk[] chunks = [.. series.Chunks.Where(c => c.MinTimeMs <= max && c.MaxTimeMs >= min)];
            if (chunks.Length > 0) yield return series with { Chunks = chunks };
        }
    }

    private async Task ReadAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        RemoteReadRequest request = RemoteReadCodec.DecodeRequest(SnappyBlock.Decompress(body.ToArray(), 1 << 20));
        Reads.Add(request);
        if (Sampled is not null)
        {
            http.Response.ContentType = "application/x-protobuf";
            http.Response.Headers.ContentEncoding = "snappy";
            await http.Response.Body.WriteAsync(SnappyBlock.Compress(RemoteReadCodec.EncodeResponse([Sampled])));
            return;
        }

        http.Response.ContentType = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";
        RemoteReadQuery query = request.Queries.Single();
        var builder = new LabelsBuilder();
        foreach (ChunkSeries[] frame in Matching(query.Matchers, query.StartMs, query.EndMs).Chunk(SeriesPerFrame))
        {
            // As Prometheus: stored labels win over external ones.
            ChunkSeries[] merged = [.. frame.Select(s => s with { Labels = ExternalLabels.Merge(External, s.Labels, [], builder) })];
            ChunkedReadFraming.WriteFrame(http.Response.BodyWriter, RemoteReadCodec.EncodeChunked(new ChunkedReadFrame(merged, 0)));
            await http.Response.BodyWriter.FlushAsync();
        }
    }

    [GeneratedRegex("""([a-zA-Z_]\w*)(=~|!~|!=|=)"([^"]*)"[,}]""")]
    private static partial Regex MatcherText();
}
