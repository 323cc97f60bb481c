using Aion.Model;
using Aion.Protocol.Wire.ExemplarsApi;
using Aion.Protocol.Wire.MetadataApi;
using Aion.Protocol.Wire.RulesApi;
using Aion.Protocol.Wire.StatusApi;
using Aion.Protocol.Wire.TargetsApi;
using Aion.Storage;
using Microsoft.AspNetCore.Http;

namespace Aion.Sidecar.Tests;

/// <summary>Answers of Prometheus's API, as the sidecar hands them on: with its external labels, in the words of the wire.</summary>
public sealed class PrometheusApisTests
{
    private static readonly Labels External = Labels.Of("cluster", "one", "replica", "a");

    [Fact]
    public async Task Rules_get_external_labels_and_nanoseconds()
    {
        RuleGroup group = (await AskAsync(
            """{"groups":[{"name":"g","file":"/r.yml","interval":2,"limit":7,"evaluationTime":0.5,"lastEvaluation":"2026-01-01T01:00:00.123456789+01:00","rules":[{"state":"firing","name":"A","query":"up","duration":60,"keepFiringFor":5,"labels":{"severity":"page"},"annotations":{"s":"t"},"alerts":[{"labels":{"alertname":"A"},"annotations":{},"state":"firing","activeAt":"2026-01-01T00:00:00Z","value":"1e+00"}],"health":"ok","evaluationTime":0.1,"lastEvaluation":"0001-01-01T00:00:00Z","type":"alerting"},{"name":"r","query":"up","health":"err","lastError":"no","type":"recording"}]}]}""",
            apis => apis.RulesAsync(new RulesRequest(), null, Token), "/api/v1/rules"))[0].Group;

        Assert.Equal(("g", "/r.yml", 2, 7), (group.Name, group.File, group.Interval, group.Limit));
        Assert.Equal((1767225600, 123456789), (group.LastEvaluation.Seconds, group.LastEvaluation.Nanos));
        Alert alert = group.Rules[0].Alert;
        Assert.Equal(["cluster", "replica", "severity"], alert.Labels.Labels.Select(l => l.Name));
        Assert.Equal((AlertState.Firing, 60, 5, "1e+00"), (alert.State, alert.DurationSeconds, alert.KeepFiringForSeconds, alert.Alerts[0].Value));
        Assert.Equal(["alertname"], alert.Alerts[0].Labels.Labels.Select(l => l.Name));
        Assert.Null(alert.LastEvaluation);
        Assert.Equal(("r", "err", "no"), (group.Rules[1].Recording.Name, group.Rules[1].Recording.Health, group.Rules[1].Recording.LastError));
    }

    [Fact]
    public async Task Targets_of_a_state()
    {
        TargetDiscovery found = (await AskAsync(
            """{"activeTargets":[{"discoveredLabels":{"__address__":"x:1"},"labels":{"job":"j"},"scrapePool":"j","scrapeUrl":"http://x:1/metrics","globalUrl":"http://y:1/metrics","lastError":"","lastScrape":"2026-01-01T00:00:00.5Z","lastScrapeDuration":0.25,"health":"up"}],"droppedTargets":[{"discoveredLabels":{"a":"b"}}]}""",
            apis => apis.TargetsAsync(new TargetsRequest { State = TargetsRequest.Types.State.Active }, null, Token), "/api/v1/targets?state=active"))[0].Targets;

        ActiveTarget target = Assert.Single(found.ActiveTargets);
        Assert.Equal((TargetHealth.Up, 0.25, 500_000_000), (target.Health, target.LastScrapeDuration, target.LastScrape.Nanos));
        Assert.Equal(["cluster", "job", "replica"], target.Labels.Labels.Select(l => l.Name));
        Assert.Equal(["a", "cluster", "replica"], Assert.Single(found.DroppedTargets).DiscoveredLabels.Labels.Select(l => l.Name));
    }

    [Fact]
    public async Task Metadata_of_a_metric_and_none_at_limit_zero()
    {
        MetricMetadata found = (await AskAsync(
            """{"m":[{"type":"counter","help":"h","unit":"u"}]}""",
            apis => apis.MetadataAsync(new MetricMetadataRequest { Metric = "m", Limit = 3 }, null, Token), "/api/v1/metadata?limit=3&metric=m"))[0].Metadata;
        Assert.Equal(new Meta { Type = "counter", Help = "h", Unit = "u" }, Assert.Single(found.Metadata["m"].Metas));

        Assert.Empty((await AskAsync("{}", apis => apis.MetadataAsync(new MetricMetadataRequest(), null, Token), null))[0].Metadata.Metadata);
    }

    [Fact]
    public async Task Exemplars_of_series()
    {
        ExemplarData found = (await AskAsync(
            """[{"seriesLabels":{"__name__":"m"},"exemplars":[{"labels":{"trace_id":"t"},"value":"0.5","timestamp":1767222060.25}]}]""",
            apis => apis.ExemplarsAsync(new ExemplarsRequest { Query = "{__name__=\"m\"}", Start = 1, End = 2000 }, null, Token),
            "/api/v1/query_exemplars?query=%7B__name__%3D%22m%22%7D&start=0.001&end=2"))[0].Data;

        Assert.Equal(["__name__", "cluster", "replica"], found.SeriesLabels.Labels.Select(l => l.Name));
        Assert.Equal((1767222060250, 0.5), (found.Exemplars[0].Ts, found.Exemplars[0].Value));
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("cluster", "one", true)]
    [InlineData("cluster", "two", false)]
    [InlineData("tenant_id", "team-a", false)]
    public async Task Statistics_for_who_asks_for_the_external_labels(string label, string value, bool there)
    {
        var request = new TSDBStatisticsRequest { Limit = 2 };
        if (label.Length > 0) request.Matchers.Add(new Protocol.Wire.LabelMatcher { Name = label, Value = value });

        TSDBStatistics found = (await AskAsync(
            """{"headStats":{"numSeries":24,"numLabelPairs":30,"chunkCount":5,"minTime":1,"maxTime":2},"seriesCountByMetricName":[{"name":"m","value":3}],"labelValueCountByLabelName":[],"memoryInBytesByLabelName":null,"seriesCountByLabelValuePair":[]}""",
            apis => apis.StatisticsAsync(request, null, Token), there ? "/api/v1/status/tsdb?limit=2" : null))[0].Statistics;

        Assert.Equal(there ? 1 : 0, found.Statistics.Count);
        if (there) Assert.Equal((24UL, 0L, "m"), (found.Statistics[""].HeadStatistics.NumSeries, found.Statistics[""].HeadStatistics.ChunkCount, found.Statistics[""].SeriesCountByMetricName[0].Name));
    }

    [Theory]
    [InlineData("""{"groups":{}}""", "field groups must be a list, got Object")]
    [InlineData("""{"groups":[{"name":1}]}""", "field name must be a text, got Number")]
    [InlineData("""{"groups":[{"lastEvaluation":"soon"}]}""", "field lastEvaluation is no time: soon")]
    [InlineData("""{"groups":[{"rules":[{"labels":{"a":1}}]}]}""", "field labels must be an object of text, got Number")]
    [InlineData("{\"groups\":[{\"name\":\"\\ud800\"}]}", "field name is no Unicode text: Cannot read incomplete UTF-16 JSON text as string with missing low surrogate.")]
    public async Task What_Prometheus_should_not_say_is_named(string data, string error)
    {
        var thrown = await Assert.ThrowsAsync<StoreException>(() => AskAsync(data, apis => apis.RulesAsync(new RulesRequest(), null, Token), null));

        Assert.Equal($"answer of Prometheus: {error}", thrown.Message);
    }

    [Fact]
    public async Task An_answer_beyond_what_the_request_may_hold_is_refused()
    {
        using var budget = new MemoryBudget(100, "--query.max-memory-bytes");

        await Assert.ThrowsAsync<BudgetExceededException>(() => AskAsync("{\"groups\":[]}", apis => apis.RulesAsync(new RulesRequest(), budget, Token), null));
    }

    [Fact]
    public async Task What_Prometheus_refuses_keeps_its_words()
    {
        var thrown = await Assert.ThrowsAsync<StoreException>(() => AskAsync(
            null, apis => apis.RulesAsync(new RulesRequest { Type = (RulesRequest.Types.Type)9 }, null, Token), "/api/v1/rules?type=9"));

        Assert.Equal(StoreErrorKind.InvalidArgument, thrown.Kind);
        Assert.Equal("expected 2xx response, got 400. Body: no", thrown.Message);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Asks a Prometheus that answers with <paramref name="data"/>, or refuses where that is null.</summary>
    private static async Task<IReadOnlyList<T>> AskAsync<T>(string? data, Func<PrometheusApis, Task<IReadOnlyList<T>>> ask, string? expectedRequest)
    {
        await using FakePrometheus prometheus = await FakePrometheus.StartAsync(External, []);
        var client = new PrometheusClient(PrometheusHttpClient.Create(HttpClientConfig.Parse(""), "1.2.3"), prometheus.Address);
        var metadata = new PrometheusMetadata(TimeOrDuration.Parse("0000-01-01T00:00:00Z"), TimeProvider.System);
        await metadata.RefreshAsync(client, Token);
        prometheus.Requests.Clear();
        prometheus.Intercept = async http =>
        {
            if (data is null) http.Response.StatusCode = 400;
            await http.Response.WriteAsync(data is null ? "no" : $$"""{"status":"success","data":{{data}}}""");
            return true;
        };
        try
        {
            return await ask(new PrometheusApis(client, metadata));
        }
        finally
        {
            if (expectedRequest is not null) Assert.Equal(expectedRequest, Assert.Single(prometheus.Requests));
        }
    }
}
