using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Aion.Model;
using Aion.Storage;

namespace Aion.Sidecar;

/// <summary>
/// The HTTP API of one Prometheus, as far as a sidecar needs it. Every failure is a <see cref="StoreException"/> that says what to
/// look at. Thread-safe.
/// </summary>
public sealed class PrometheusClient
{
    /// <summary>Longer queries go into a form, since servers bound the length of a request line.</summary>
    private const int MaxQueryLength = 8000;

    // Prometheus computes with milliseconds in 64 bits and reads seconds as a float: stay inside with both.
    private const long MaxTimeMs = 9_000_000_000_000_000_000;

    private readonly HttpClient _http;
    private readonly Uri _base;

    /// <param name="http">Not disposed here; without a timeout of its own.</param>
    /// <param name="prometheus">May have a path prefix.</param>
    public PrometheusClient(HttpClient http, Uri prometheus)
    {
        _http = http;
        _base = new Uri(prometheus.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
    }

    public Uri Address => _base;

    /// <summary>The external labels of the configuration that is loaded.</summary>
    public async Task<Labels> ExternalLabelsAsync(CancellationToken cancellationToken)
    {
        byte[] body = await GetAsync("api/v1/status/config", "", cancellationToken);
        return ExternalLabelsYaml.Parse(PrometheusJson.ReadText(body, "yaml"));
    }

    /// <summary>The command line's flags by name; null when this Prometheus is too old to tell.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> FlagsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return PrometheusJson.ReadTexts(await GetAsync("api/v1/status/flags", "", cancellationToken));
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>The version, for example <c>2.42.0</c>; 0.0 when this Prometheus is too old to tell.</summary>
    public async Task<PrometheusVersion> VersionAsync(CancellationToken cancellationToken)
    {
        try
        {
            return PrometheusVersion.Parse(PrometheusJson.ReadText(await GetAsync("api/v1/status/buildinfo", "", cancellationToken), "version"));
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return default;
        }
    }

    /// <summary>The lowest timestamp of its TSDB in milliseconds; null while that is empty.</summary>
    public async Task<long?> LowestTimestampMsAsync(CancellationToken cancellationToken)
    {
        const string Metric = "prometheus_tsdb_lowest_timestamp_seconds ";
        string text = Encoding.UTF8.GetString(await GetAsync("metrics", "", cancellationToken));
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(Metric, StringComparison.Ordinal)) continue;
            if (!double.TryParse(line[Metric.Length..], NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds))
                throw Unexpected($"{_base}metrics: {Metric.TrimEnd()} has no number");
            // An empty head says "the end of time".
            return Math.Abs(seconds) >= MaxTimeMs / 1000.0 ? null : (long)(seconds * 1000);
        }

        throw new StoreException(
            StoreErrorKind.Unavailable,
            $"{_base}metrics does not show {Metric.TrimEnd()}: is --prometheus.url the address of a Prometheus server with a local TSDB?");
    }

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_base, "-/ready")), cancellationToken);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Makes it read its configuration again; it answers when that is loaded.</summary>
    /// <exception cref="StoreException">The configuration is not loaded.</exception>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_base, "-/reload"));
        using HttpResponseMessage response = await SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.OK) return;
        byte[] body = await PrometheusBody.ReadAsync(response, PrometheusBody.MaxErrorBytes, cancellationToken);
        throw new StoreException(
            KindOf(response.StatusCode),
            $"{_base}-/reload answered {(int)response.StatusCode}: {Encoding.UTF8.GetString(body).Trim()}; is Prometheus started with --web.enable-lifecycle?");
    }

    /// <summary>When it last took a configuration, and whether the last attempt went well.</summary>
    public async Task<LoadedConfig> LoadedConfigAsync(CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> fields = PrometheusJson.ReadTexts(await GetAsync("api/v1/status/runtimeinfo", "", cancellationToken));
        if (!fields.TryGetValue("lastConfigTime", out string? time) || !fields.TryGetValue("reloadConfigSuccess", out string? success))
            throw Unexpected($"{_base}api/v1/status/runtimeinfo does not show lastConfigTime and reloadConfigSuccess");
        return new LoadedConfig(time, success == "true");
    }

    /// <summary>Label sets of the matching series, in no order.</summary>
    /// <param name="limit">0 = none; an older Prometheus does not know it and answers more.</param>
    public async Task<PrometheusAnswer<Labels>> SeriesAsync(
        IReadOnlyList<LabelMatcher> matchers, long minTimeMs, long maxTimeMs, long limit, CancellationToken cancellationToken)
    {
        byte[] body = await GetAsync("api/v1/series", Query(matchers, minTimeMs, maxTimeMs, limit), cancellationToken);
        return PrometheusJson.ReadSeries(body);
    }

    /// <summary>Label names of the matching series; no matchers means all.</summary>
    public async Task<PrometheusAnswer<string>> LabelNamesAsync(
        IReadOnlyList<LabelMatcher> matchers, long minTimeMs, long maxTimeMs, long limit, CancellationToken cancellationToken)
    {
        byte[] body = await GetAsync("api/v1/labels", Query(matchers, minTimeMs, maxTimeMs, limit), cancellationToken);
        return PrometheusJson.ReadList(body);
    }

    /// <summary>Values of a label over the matching series; no matchers means all.</summary>
    public async Task<PrometheusAnswer<string>> LabelValuesAsync(
        string label, IReadOnlyList<LabelMatcher> matchers, long minTimeMs, long maxTimeMs, long limit, CancellationToken cancellationToken)
    {
        byte[] body = await GetAsync(
            $"api/v1/label/{Uri.EscapeDataString(label)}/values", Query(matchers, minTimeMs, maxTimeMs, limit), cancellationToken);
        return PrometheusJson.ReadList(body);
    }

    /// <summary>The whole answer of an endpoint, envelope included. The caller disposes it.</summary>
    /// <exception cref="StoreException">There is no answer, it is no success, or no JSON.</exception>
    /// <exception cref="BudgetExceededException">It is larger than what the request may hold.</exception>
    internal async Task<JsonDocument> AnswerAsync(string path, string query, MemoryBudget? budget, CancellationToken cancellationToken)
    {
        byte[] body = await GetAsync(path, query, cancellationToken);
        // The text, its index, and the messages that are made of it.
        budget?.Charge(4L * body.Length, $"the answer of {path}");
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException e)
        {
            throw Unexpected($"{_base}{path} answered what is no JSON: {e.Message}");
        }
    }

    /// <summary>Sends a request and hands the answer over once its headers are there. The caller disposes it.</summary>
    /// <exception cref="StoreException">There is no answer, or it is no success.</exception>
    internal async Task<HttpResponseMessage> SendCheckedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            byte[] body = await PrometheusBody.ReadAsync(response, PrometheusBody.MaxErrorBytes, cancellationToken);
            throw new StoreException(
                KindOf(response.StatusCode), $"expected 2xx response, got {(int)response.StatusCode}. Body: {Encoding.UTF8.GetString(body)}");
        }
    }

    private static string Query(IReadOnlyList<LabelMatcher> matchers, long minTimeMs, long maxTimeMs, long limit)
    {
        var query = new StringBuilder();
        if (matchers.Count > 0) query.Append("match[]=").Append(Uri.EscapeDataString($"{{{string.Join(',', matchers)}}}")).Append('&');
        // Without a bound Prometheus takes the whole of time.
        if (minTimeMs > -MaxTimeMs) query.Append("start=").Append(Seconds(minTimeMs)).Append('&');
        if (maxTimeMs < MaxTimeMs) query.Append("end=").Append(Seconds(maxTimeMs)).Append('&');
        if (limit > 0) query.Append(CultureInfo.InvariantCulture, $"limit={limit}&");
        return query.ToString().TrimEnd('&');
    }

    private static string Seconds(long timeMs) => (timeMs / 1000m).ToString("0.###", CultureInfo.InvariantCulture);

    private async Task<byte[]> GetAsync(string path, string query, CancellationToken cancellationToken)
    {
        HttpRequestMessage request = query.Length <= MaxQueryLength || path.EndsWith("/values", StringComparison.Ordinal)
            ? new HttpRequestMessage(HttpMethod.Get, new Uri(_base, query.Length == 0 ? path : $"{path}?{query}"))
            : new HttpRequestMessage(HttpMethod.Post, new Uri(_base, path))
            {
                Content = new StringContent(query, Encoding.UTF8, "application/x-www-form-urlencoded"),
            };
        using (request)
        using (HttpResponseMessage response = await SendCheckedAsync(request, cancellationToken))
        {
            return await PrometheusBody.ReadAsync(response, PrometheusBody.MaxBytes, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            // The outer exceptions mostly point at the innermost.
            throw new StoreException(
                StoreErrorKind.Unavailable, $"can't reach Prometheus at {_base}: {e.GetBaseException().Message}; is it running, and is --prometheus.url right?");
        }
    }

    private static StoreException Unexpected(string message) => new(StoreErrorKind.Internal, message);

    private static StoreErrorKind KindOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => StoreErrorKind.InvalidArgument,
        HttpStatusCode.NotFound => StoreErrorKind.NotFound,
        HttpStatusCode.ServiceUnavailable => StoreErrorKind.Unavailable,
        _ => StoreErrorKind.Internal,
    };
}

/// <summary>An answer of the API, with what Prometheus says is missing from it.</summary>
public readonly record struct PrometheusAnswer<T>(IReadOnlyList<T> Data, IReadOnlyList<string> Warnings);

/// <param name="Time">As Prometheus writes it; differs from load to load.</param>
public readonly record struct LoadedConfig(string Time, bool Succeeded);
