using System.Text.Json.Nodes;
using Aion.Model;

namespace Aion.Query.Tests;

public sealed class StatusEndpointsTests
{
    [Fact]
    public async Task Stores_are_grouped_by_component_and_sorted_by_name()
    {
        var source = new FakeSource();
        source.Endpoints.Add(new StoreStatus("store", "b:1", DateTimeOffset.UnixEpoch.AddMilliseconds(1500), null, [Labels.Of("cluster", "one", "replica", "a"), Labels.Empty], 1, 2));
        source.Endpoints.Add(new StoreStatus("sidecar", "c:1", DateTimeOffset.UnixEpoch, "rpc error: <gone>", [], long.MinValue, long.MaxValue));
        source.Endpoints.Add(new StoreStatus("store", "a:1", DateTimeOffset.UnixEpoch, null, [], 3, 4));
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/stores");

        Assert.Equal(
            """{"status":"success","data":{"sidecar":[{"name":"c:1","lastCheck":"1970-01-01T00:00:00Z","lastError":"rpc error: \u003cgone\u003e","labelSets":[],"minTime":-9223372036854775808,"maxTime":9223372036854775807}],"store":[{"name":"a:1","lastCheck":"1970-01-01T00:00:00Z","lastError":null,"labelSets":[],"minTime":3,"maxTime":4},{"name":"b:1","lastCheck":"1970-01-01T00:00:01.5Z","lastError":null,"labelSets":[{"cluster":"one","replica":"a"},{}],"minTime":1,"maxTime":2}]}}""",
            reply.Text);
    }

    [Fact]
    public async Task Without_stores_the_answer_is_an_empty_object()
    {
        await using ApiServer api = await ApiServer.StartAsync(new FakeSource(), new QueryApiOptions());

        Assert.Equal("""{"status":"success","data":{}}""", (await api.GetAsync("/api/v1/stores")).Text);
    }

    [Fact]
    public async Task Flags_and_build_are_shown()
    {
        await using ApiServer api = await ApiServer.StartAsync(new FakeSource(), new QueryApiOptions());

        Assert.Equal("""{"status":"success","data":{"http-address":"127.0.0.1:0","query.timeout":"2m"}}""", (await api.GetAsync("/api/v1/status/flags")).Text);
        JsonNode build = JsonNode.Parse((await api.GetAsync("/api/v1/status/buildinfo")).Text)!["data"]!;
        Assert.Equal("1.2.3", (string)build["version"]!);
        Assert.Equal(["version", "revision", "branch", "buildUser", "buildDate", "goVersion"], build.AsObject().Select(p => p.Key));
        JsonNode runtime = JsonNode.Parse((await api.GetAsync("/api/v1/status/runtimeinfo")).Text)!["data"]!;
        Assert.Equal(["startTime", "CWD", "goroutineCount", "GOMAXPROCS", "GOGC", "GODEBUG", "GOMEMLIMIT"], runtime.AsObject().Select(p => p.Key));
    }

    [Theory]
    [InlineData("rules", """{"groups":[]}""")]
    [InlineData("alerts", """{"alerts":null}""")]
    [InlineData("targets?state=active", """{"activeTargets":[],"droppedTargets":[]}""")]
    [InlineData("metadata?limit=-1", "{}")]
    [InlineData("query_exemplars?query=up", "[]")]
    [InlineData("status/tsdb", """{"headStats":{"numSeries":0,"numLabelPairs":0,"chunkCount":0,"minTime":0,"maxTime":0},"seriesCountByMetricName":[],"labelValueCountByLabelName":[],"memoryInBytesByLabelName":[],"seriesCountByLabelValuePair":[]}""")]
    public async Task Without_endpoints_there_is_nothing(string path, string data)
    {
        await using ApiServer api = await ApiServer.StartAsync(new FakeSource(), new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/" + path);

        Assert.Equal($$"""{"status":"success","data":{{data}}}""", reply.Text);
    }

    // W9: the peer reports limit='0' whatever was given.
    [Theory]
    [InlineData("rules?type=zzz", "invalid rules parameter type='zzz'")]
    [InlineData("targets?state=zzz", "invalid targets parameter state='zzz'")]
    [InlineData("metadata?limit=x", "invalid metric metadata limit='x'")]
    [InlineData("query_exemplars?query=up&start=x", "Invalid time value for 'start': cannot parse \\\"x\\\" to a valid timestamp")]
    [InlineData("status/tsdb?match[]={", "1:2: parse error: unexpected end of input inside braces")]
    [InlineData("query_explain?query=up", "engine type must be 'thanos'")]
    [InlineData("query_explain?query=up{&engine=thanos", "1:4: parse error: unexpected end of input inside braces")]
    public async Task Their_parameters_are_checked_all_the_same(string path, string error)
    {
        await using ApiServer api = await ApiServer.StartAsync(new FakeSource(), new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/" + path);

        Assert.Equal($$"""{"status":"error","errorType":"bad_data","error":"{{error}}"}""", reply.Text);
    }

    [Theory]
    [InlineData("", "/", 200, null)]
    [InlineData("", "/graph?g0.expr=up", 200, null)]
    [InlineData("", "/stores", 200, null)]
    [InlineData("/inner", "/", 302, "/inner/graph")]
    [InlineData("/inner", "/inner", 302, "/inner/graph")]
    [InlineData("/inner", "/inner/graph", 200, null)]
    [InlineData("/inner", "/graph", 404, null)]
    [InlineData("/inner", "/api/v1/stores", 404, null)]
    [InlineData("/inner", "/inner/api/v1/stores", 200, null)]
    public async Task The_page_is_where_the_prefix_says(string prefix, string path, int status, string? location)
    {
        await using ApiServer api = await ApiServer.StartAsync(new FakeSource(), new QueryApiOptions(), prefix);

        ApiReply reply = await api.GetAsync(path);

        Assert.Equal(status, reply.Status);
        Assert.Equal(location, reply.Headers.GetValueOrDefault("Location"));
        if (status == 200 && !path.Contains("api", StringComparison.Ordinal)) Assert.Contains("<title>Aion | Query</title>", reply.Text, StringComparison.Ordinal);
    }
}
