using System.Text.Json.Nodes;
using Aion.Model;

namespace Aion.Query.Tests;

public sealed class QueryEndpointsTests
{
    private const string At = "&time=100";

    private static FakeSource Source() => new FakeSource()
        .Add(Labels.Of("__name__", "up", "job", "a", "zone", "z0"), new Sample(40_000, 1), new Sample(100_000, 2.5))
        .Add(Labels.Of("__name__", "up", "job", "b", "zone", "z1"), new Sample(40_000, 3));

    [Theory]
    [InlineData("query?query=up&time=100", """{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a","zone":"z0"},"value":[100,"2.5"]},{"metric":{"__name__":"up","job":"b","zone":"z1"},"value":[100,"3"]}],"analysis":{}}""")]
    [InlineData("query?query=1e-7&time=100.5", """{"resultType":"scalar","result":[100.5,"0.0000001"],"analysis":{}}""")]
    [InlineData("query?query=%22%3C%22&time=100", """{"resultType":"string","result":[100,"\u003c"],"analysis":{}}""")]
    [InlineData("query?query=nothing&time=100", """{"resultType":"vector","result":[],"analysis":{}}""")]
    [InlineData("query?query=up{job=%22a%22}[1m]&time=100.250", """{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"a","zone":"z0"},"values":[[100,"2.5"]]}],"analysis":{}}""")]
    [InlineData("query_range?query=up{job=%22a%22}&start=40&end=100&step=60", """{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"a","zone":"z0"},"values":[[40,"1"],[100,"2.5"]]}],"analysis":{}}""")]
    [InlineData("query_range?query=up{job=%22b%22}&start=40&end=70.5&step=30.5&lookback_delta=10s", """{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"b","zone":"z1"},"values":[[40,"3"]]}],"analysis":{}}""")]
    [InlineData("query_range?query=vector(1)&start=40&end=41", """{"resultType":"matrix","result":[{"metric":{},"values":[[40,"1"],[41,"1"]]}],"analysis":{}}""")]
    public async Task Values_come_in_the_form_of_their_type(string path, string data)
    {
        await using ApiServer api = await ApiServer.StartAsync(Source(), new QueryApiOptions());

        Assert.Equal($$"""{"status":"success","data":{{data}}}""", (await api.GetAsync("/api/v1/" + path)).Text);
    }

    [Theory]
    [InlineData("true", false)]
    [InlineData("all", true)]
    public async Task Analysis_shows_the_measures_of_Thanos_and_all_when_asked_for(string analyze, bool all)
    {
        await using ApiServer api = await ApiServer.StartAsync(Source(), new QueryApiOptions { MaxMemoryBytes = 1 << 30 });

        string text = (await api.GetAsync($"/api/v1/query?query=count(up)&time=100&engine=thanos&analyze={analyze}")).Text;
        JsonNode select = JsonNode.Parse(text)!["data"]!["analysis"]!["children"]![0]!["children"]![0]!["children"]![0]!;

        Assert.Equal("[concurrent(buff=2)]", (string)select["name"]!);
        Assert.Equal(2, (int)select["totalSamples"]!);
        Assert.NotNull(select["executionTime"]);
        Assert.Equal(all ? 2 : null, (int?)select["series"]);
        Assert.Equal(all, (int?)select["bytes"] > 2 * 8);
        Assert.Equal(all, (int?)select["peakBytes"] > 2 * 8);
    }

    [Theory]
    [InlineData("query?query=up{", "1:4: parse error: unexpected end of input inside braces")]
    [InlineData("query?query=up&engine=bad", "'bad' bad engine")]
    [InlineData("query?query=up&max_source_resolution=-1", "negative 'max_source_resolution' is not accepted. Try a positive integer")]
    [InlineData("query_range?query=up", "cannot parse \\\"\\\" to a valid timestamp")]
    [InlineData("query_range?query=up&start=1&end=2&step=0", "zero or negative query resolution step widths are not accepted. Try a positive integer")]
    [InlineData("query_range?query=up&start=1&end=2&step=0.0001", "zero or negative query resolution step widths are not accepted. Try a positive integer")]
    [InlineData("query_range?query=up&start=0&end=11001&step=1", "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)")]
    [InlineData("query_range?query=up[5m]&start=1&end=2&step=1", "invalid expression type \\\"range vector\\\" for range query, must be Scalar or instant Vector")]
    public async Task Wrong_parameters_are_bad_data(string path, string error)
    {
        await using ApiServer api = await ApiServer.StartAsync(Source(), new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/" + path);

        Assert.Equal($$"""{"status":"error","errorType":"bad_data","error":"{{error}}"}""", reply.Text);
        Assert.Equal(400, reply.Status);
    }

    [Fact]
    public async Task What_stores_miss_keeps_the_answer_out_of_caches_and_remarks_of_the_language_do_not()
    {
        FakeSource source = Source();
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions());

        ApiReply remark = await api.GetAsync("/api/v1/query?query=rate(up[5m])" + At);
        source.Warnings.Add("a store is gone");
        ApiReply missing = await api.GetAsync("/api/v1/query?query=up" + At);

        Assert.EndsWith(""","warnings":["PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"up\""]}""", remark.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Cache-Control", remark.Headers.Keys);
        Assert.EndsWith(""","warnings":["a store is gone"]}""", missing.Text, StringComparison.Ordinal);
        Assert.Equal("no-store", missing.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task Statistics_come_when_asked_for()
    {
        await using ApiServer api = await ApiServer.StartAsync(Source(), new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/query?query=up&stats=all" + At);

        Assert.Contains("""],"stats":{"timings":{"evalTotalTime":""", reply.Text, StringComparison.Ordinal);
        Assert.Contains("""},"samples":{"totalQueryableSamples":2,"peakSamples":""", reply.Text, StringComparison.Ordinal);
        Assert.EndsWith("""},"analysis":{}}}""", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_that_takes_too_long_times_out_at_the_sooner_of_both_limits()
    {
        FakeSource source = Source();
        source.Before = token => Task.Delay(Timeout.Infinite, token);
        await using ApiServer server = await ApiServer.StartAsync(source, new QueryApiOptions { Timeout = TimeSpan.FromMilliseconds(30) });
        await using ApiServer request = await ApiServer.StartAsync(source, new QueryApiOptions());

        ApiReply byServer = await server.GetAsync("/api/v1/query?query=up&timeout=1h" + At);
        ApiReply byRequest = await request.GetAsync("/api/v1/query?query=up&timeout=30ms" + At);

        foreach (ApiReply reply in (ApiReply[])[byServer, byRequest])
        {
            Assert.Contains("\"errorType\":\"timeout\",\"error\":\"query timed out", reply.Text, StringComparison.Ordinal);
            Assert.Equal(503, reply.Status);
        }
    }

    [Fact]
    public async Task Queries_past_the_gate_wait_for_their_turn_but_wrong_ones_do_not()
    {
        FakeSource source = Source();
        var go = new TaskCompletionSource();
        var running = new TaskCompletionSource();
        source.Before = async token =>
        {
            running.TrySetResult();
            await go.Task.WaitAsync(token);
        };
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions { MaxConcurrent = 1 });

        Task<ApiReply> first = api.GetAsync("/api/v1/query?query=up" + At);
        await running.Task;
        ApiReply late = await api.GetAsync("/api/v1/query?query=up&timeout=30ms" + At);
        ApiReply wrong = await api.GetAsync("/api/v1/query?query=up{" + At);
        string during = (await api.GetAsync("/metrics")).Text;
        go.SetResult();
        ApiReply answered = await first;
        string after = (await api.GetAsync("/metrics")).Text;

        Assert.Equal("""{"status":"error","errorType":"timeout","error":"query timed out in query queue"}""", late.Text);
        Assert.Equal(400, wrong.Status);
        Assert.Equal(200, answered.Status);
        Assert.Contains("thanos_query_concurrent_gate_queries_in_flight 1\n", during, StringComparison.Ordinal);
        Assert.Contains("thanos_query_concurrent_queries 1\n", during, StringComparison.Ordinal);
        Assert.Contains("thanos_query_concurrent_gate_queries_max 1\n", during, StringComparison.Ordinal);
        Assert.Contains("thanos_query_concurrent_gate_queries_in_flight 0\n", after, StringComparison.Ordinal);
        Assert.Contains("thanos_query_concurrent_queries 0\n", after, StringComparison.Ordinal);
        Assert.Contains("thanos_query_concurrent_selects_gate_selects_in_flight 0\n", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_fail_the_query_alone_and_name_the_flag()
    {
        await using ApiServer memory = await ApiServer.StartAsync(Source(), new QueryApiOptions { MaxMemoryBytes = 500 });
        await using ApiServer samples = await ApiServer.StartAsync(Source(), new QueryApiOptions { MaxSamples = 1 });

        ApiReply tooLarge = await memory.GetAsync("/api/v1/query_range?query=up&start=0&end=1000&step=1");
        ApiReply tooMany = await samples.GetAsync("/api/v1/query_range?query=up&start=0&end=1000&step=1");
        ApiReply fine = await memory.GetAsync("/api/v1/query?query=1");

        Assert.Contains("--query.max-memory-bytes", tooLarge.Text, StringComparison.Ordinal);
        Assert.Equal(422, tooLarge.Status);
        Assert.Contains("too many samples", tooMany.Text, StringComparison.Ordinal);
        Assert.Equal(422, tooMany.Status);
        Assert.Equal(200, fine.Status);
    }

    [Fact]
    public async Task A_confined_tenant_cannot_write_a_query_that_sees_others()
    {
        FakeSource source = Source();
        var tenancy = new TenancyOptions { Enforce = true, LabelName = "zone", DefaultTenant = "z0" };
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions { Tenancy = tenancy });

        ApiReply own = await api.GetAsync("/api/v1/query?query=count(up{zone=~%22z.*%22}%20or%20up{zone=%22z1%22})" + At);
        ApiReply wrong = await api.GetAsync("/api/v1/query?query=up{" + At);

        Assert.Contains("""[100,"1"]""", own.Text, StringComparison.Ordinal);
        Assert.All(source.Asked, matchers => Assert.Equal("zone=\"z0\"", Assert.Single(matchers, m => m.Name == "zone").ToString()));
        Assert.Contains("error parsing query string, when enforcing tenenacy: 1:4: parse error", wrong.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query_range?query=up&start=0&end=10&step=500&max_source_resolution=auto", 100_000)]
    [InlineData("query_range?query=up&start=0&end=10&step=500", 0)]
    [InlineData("query_range?query=up&start=0&end=10&step=500&max_source_resolution=1h", 3_600_000)]
    [InlineData("query?query=up&max_source_resolution=auto", 7_000)]
    public async Task The_resolution_allowed_reaches_the_stores(string path, long resolutionMs)
    {
        FakeSource source = Source();
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions { InstantDefaultMaxSourceResolution = TimeSpan.FromSeconds(7) });

        await api.GetAsync("/api/v1/" + path);

        Assert.Equal(resolutionMs, source.Requests[0].Select.MaxResolutionMs);
    }

    [Fact]
    public async Task An_answer_longer_than_a_buffer_arrives_whole()
    {
        var source = new FakeSource();
        for (var i = 0; i < 500; i++) source.Add(Labels.Of("__name__", "m", "i", $"{i:000}"), new Sample(0, i / 3.0));
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/query_range?query=m&start=0&end=299&step=1");

        System.Text.Json.Nodes.JsonArray series = System.Text.Json.Nodes.JsonNode.Parse(reply.Text)!["data"]!["result"]!.AsArray();
        Assert.Equal(500, series.Count);
        Assert.All(series, s => Assert.Equal(300, s!["values"]!.AsArray().Count));
    }
}
