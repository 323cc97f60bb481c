using System.Globalization;
using System.Text.Json;
using Aion.Model;
using Aion.Protocol;
using Aion.Protocol.Wire.ExemplarsApi;
using Aion.Protocol.Wire.MetadataApi;
using Aion.Protocol.Wire.RulesApi;
using Aion.Protocol.Wire.StatusApi;
using Aion.Protocol.Wire.TargetsApi;
using Aion.Storage;
using Aion.StoreApi;

namespace Aion.Sidecar;

/// <summary>The APIs beside the store, asked of one Prometheus; its external labels go onto what it reports. Thread-safe.</summary>
public sealed class PrometheusApis(PrometheusClient client, PrometheusMetadata metadata) : IFleetApis
{
    public async Task<IReadOnlyList<RulesResponse>> RulesAsync(RulesRequest request, MemoryBudget? budget, CancellationToken cancellationToken)
    {
        string type = request.Type == RulesRequest.Types.Type.All ? "" : $"type={Lower(request.Type)}";
        using JsonDocument answer = await client.AnswerAsync("api/v1/rules", type, budget, cancellationToken);
        Labels external = metadata.ExternalLabels;
        return [.. Data(answer).List("groups").Select(g => new RulesResponse { Group = RuleReader.Group(g, external) })];
    }

    public async Task<IReadOnlyList<TargetsResponse>> TargetsAsync(TargetsRequest request, MemoryBudget? budget, CancellationToken cancellationToken)
    {
        using JsonDocument answer = await client.AnswerAsync("api/v1/targets", $"state={Lower(request.State)}", budget, cancellationToken);
        Labels external = metadata.ExternalLabels;
        var found = new TargetDiscovery();
        foreach (JsonElement target in Data(answer).List("activeTargets"))
        {
            found.ActiveTargets.Add(new ActiveTarget
            {
                DiscoveredLabels = target.Labels("discoveredLabels", external),
                Labels = target.Labels("labels", external),
                ScrapePool = target.Text("scrapePool"),
                ScrapeUrl = target.Text("scrapeUrl"),
                GlobalUrl = target.Text("globalUrl"),
                LastError = target.Text("lastError"),
                LastScrape = target.Time("lastScrape"),
                LastScrapeDuration = target.Number("lastScrapeDuration"),
                Health = target.Text("health") switch { "up" => TargetHealth.Up, "down" => TargetHealth.Down, _ => TargetHealth.Undetermined },
            });
        }

        foreach (JsonElement target in Data(answer).List("droppedTargets"))
            found.DroppedTargets.Add(new DroppedTarget { DiscoveredLabels = target.Labels("discoveredLabels", external) });
        return [new TargetsResponse { Targets = found }];
    }

    public async Task<IReadOnlyList<MetricMetadataResponse>> MetadataAsync(
        MetricMetadataRequest request, MemoryBudget? budget, CancellationToken cancellationToken)
    {
        var found = new MetricMetadata();
        if (request.Limit == 0) return [new MetricMetadataResponse { Metadata = found }];
        string query = request.Limit > 0 ? string.Create(CultureInfo.InvariantCulture, $"limit={request.Limit}") : "limit=-1";
        if (request.Metric.Length > 0) query += $"&metric={Uri.EscapeDataString(request.Metric)}";
        using JsonDocument answer = await client.AnswerAsync("api/v1/metadata", query, budget, cancellationToken);
        if (Data(answer) is { ValueKind: JsonValueKind.Object } data)
        {
            foreach (JsonProperty metric in data.EnumerateObject())
            {
                var entry = new MetricMetadataEntry();
                string name = JsonFields.NameOf(metric);
                if (metric.Value.ValueKind != JsonValueKind.Array) throw JsonFields.Bad(name, "a list", metric.Value);
                foreach (JsonElement meta in metric.Value.EnumerateArray())
                    entry.Metas.Add(new Meta { Type = meta.Text("type"), Help = meta.Text("help"), Unit = meta.Text("unit") });
                found.Metadata[name] = entry;
            }
        }

        return [new MetricMetadataResponse { Metadata = found }];
    }

    public async Task<IReadOnlyList<ExemplarsResponse>> ExemplarsAsync(ExemplarsRequest request, MemoryBudget? budget, CancellationToken cancellationToken)
    {
        string query = $"query={Uri.EscapeDataString(request.Query)}&start={Seconds(request.Start)}&end={Seconds(request.End)}";
        using JsonDocument answer = await client.AnswerAsync("api/v1/query_exemplars", query, budget, cancellationToken);
        Labels external = metadata.ExternalLabels;
        List<ExemplarsResponse> found = [];
        foreach (JsonElement series in answer.RootElement.List("data"))
        {
            var data = new ExemplarData { SeriesLabels = series.Labels("seriesLabels", external) };
            foreach (JsonElement exemplar in series.List("exemplars"))
            {
                data.Exemplars.Add(new Exemplar
                {
                    Labels = exemplar.Labels("labels", Labels.Empty),
                    Value = GoFloat.TryParse(exemplar.Text("value"), out double value) == GoNumberStatus.Ok
                        ? value
                        : throw new StoreException(StoreErrorKind.Internal, $"answer of Prometheus: the value of an exemplar is no number: {exemplar.Text("value")}"),
                    Ts = (long)Math.Round(exemplar.Number("timestamp") * 1000),
                });
            }

            found.Add(new ExemplarsResponse { Data = data });
        }

        return found;
    }

    public async Task<IReadOnlyList<TSDBStatisticsResponse>> StatisticsAsync(
        TSDBStatisticsRequest request, MemoryBudget? budget, CancellationToken cancellationToken)
    {
        var found = new TSDBStatistics();
        if (!IsAsked(request)) return [new TSDBStatisticsResponse { Statistics = found }];
        string limit = request.Limit > 0 ? string.Create(CultureInfo.InvariantCulture, $"limit={request.Limit}") : "";
        using JsonDocument answer = await client.AnswerAsync("api/v1/status/tsdb", limit, budget, cancellationToken);
        JsonElement data = Data(answer);
        JsonElement head = data.ValueKind == JsonValueKind.Object && data.TryGetProperty("headStats", out JsonElement h) ? h : default;
        var entry = new TSDBStatisticsEntry
        {
            HeadStatistics = new HeadStatistics
            {
                NumSeries = (ulong)Math.Max(0, head.Whole("numSeries")),
                NumLabelPairs = head.Whole("numLabelPairs"),
                MinTime = head.Whole("minTime"),
                MaxTime = head.Whole("maxTime"),
            },
        };
        entry.SeriesCountByMetricName.Add(Statistics(data, "seriesCountByMetricName"));
        entry.LabelValueCountByLabelName.Add(Statistics(data, "labelValueCountByLabelName"));
        entry.MemoryInBytesByLabelName.Add(Statistics(data, "memoryInBytesByLabelName"));
        entry.SeriesCountByLabelValuePair.Add(Statistics(data, "seriesCountByLabelValuePair"));
        found.Statistics[""] = entry;
        return [new TSDBStatisticsResponse { Statistics = found }];
    }

    /// <summary>A Prometheus has no tenants: it answers who asks for all, and who asks for its external labels.</summary>
    private bool IsAsked(TSDBStatisticsRequest request)
    {
#pragma warning disable CS0612 // Peers before 0.42 send it.
        if (request.Tenant.Length > 0) return false;
#pragma warning restore CS0612
        Labels external = metadata.ExternalLabels;
        return MatcherMapping.ToModel(request.Matchers).All(m => m.Matches(external));
    }

    private static IEnumerable<Statistic> Statistics(JsonElement data, string field) =>
        data.List(field).Select(s => new Statistic { Name = s.Text("name"), Value = (ulong)Math.Max(0, s.Whole("value")) });

    private static JsonElement Data(JsonDocument answer) =>
        answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("data", out JsonElement data) ? data : default;

    // A number that has no name goes on as it is: Prometheus says what is wrong with it.
    private static string Lower<T>(T value)
        where T : struct, System.Enum => value.ToString().ToLowerInvariant();

    private static string Seconds(long timeMs) => (timeMs / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
}
