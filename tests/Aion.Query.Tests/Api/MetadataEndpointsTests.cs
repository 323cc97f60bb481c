using Aion.Model;

namespace Aion.Query.Tests;

public sealed class MetadataEndpointsTests
{
    private static FakeSource Source() => new FakeSource()
        .Add(Labels.Of("__name__", "up", "job", "b", "zone", "z1"))
        .Add(Labels.Of("__name__", "up", "job", "a", "zone", "z0"))
        .Add(Labels.Of("__name__", "load", "job", "a", "odd", "<\"ü\">", "zone", "z0"));

    [Theory]
    [InlineData("series?match[]=up", """[{"__name__":"up","job":"a","zone":"z0"},{"__name__":"up","job":"b","zone":"z1"}]""")]
    [InlineData("series?match[]=up&match[]=up{job=\"a\"}&match[]=load", """[{"__name__":"load","job":"a","odd":"<\"ü\">","zone":"z0"},{"__name__":"up","job":"a","zone":"z0"},{"__name__":"up","job":"b","zone":"z1"}]""")]
    [InlineData("series?match[]=nothing", "[]")]
    [InlineData("labels", """["__name__","job","odd","zone"]""")]
    [InlineData("labels?match[]=up", """["__name__","job","zone"]""")]
    [InlineData("labels?match[]=nothing", "[]")]
    [InlineData("label/job/values", """["a","b"]""")]
    [InlineData("label/odd/values", """["\u003c\"ü\"\u003e"]""")]
    [InlineData("label/__name__/values?match[]=up&match[]=load", """["load","up"]""")]
    [InlineData("label/U__job/values", """["a","b"]""")]
    [InlineData("label/nothing/values", "[]")]
    public async Task Answers_are_sorted_and_unique(string path, string data)
    {
        await using ApiServer api = await ApiServer.StartAsync(Source(), new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/" + path);

        Assert.Equal($$"""{"status":"success","data":{{data}}}""", reply.Text);
        Assert.Equal("application/json", reply.Headers["Content-Type"]);
        Assert.DoesNotContain("Cache-Control", reply.Headers.Keys);
    }

    [Theory]
    [InlineData("series?match[]=up&limit=1", """[{"__name__":"up","job":"a","zone":"z0"}]""")]
    [InlineData("labels?limit=2", """["__name__","job"]""")]
    [InlineData("label/job/values?limit=1", """["a"]""")]
    public async Task A_limit_cuts_and_says_so(string path, string data)
    {
        await using ApiServer api = await ApiServer.StartAsync(Source(), new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/" + path);

        Assert.Equal($$"""{"status":"success","data":{{data}},"warnings":["results truncated due to limit"]}""", reply.Text);
        Assert.Equal("no-store", reply.Headers["Cache-Control"]);
    }

    // W9: the peer hides what a failed store leaves out of a series answer with one selector.
    [Theory]
    [InlineData("series?match[]=up{job=\"a\"}")]
    [InlineData("labels?match[]=up")]
    [InlineData("label/job/values")]
    public async Task What_is_missing_is_said(string path)
    {
        FakeSource source = Source();
        source.Warnings.Add("a store is gone");
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/" + path);

        Assert.EndsWith(""","warnings":["a store is gone"]}""", reply.Text, StringComparison.Ordinal);
        Assert.Equal("no-store", reply.Headers["Cache-Control"]);
    }

    // W9: the peer doubles the prefix "bad_data: " of these errors.
    [Theory]
    [InlineData("series", "no match[] parameter provided")]
    [InlineData("series?match[]=up&start=x", "Invalid time value for 'start': cannot parse \\\"x\\\" to a valid timestamp")]
    [InlineData("series?match[]=up&start=2&end=1", "end timestamp must not be before start time")]
    [InlineData("series?match[]=up{", "1:4: parse error: unexpected end of input inside braces")]
    [InlineData("series?match[]=up&dedup=x", "'dedup' parameter: strconv.ParseBool: parsing \\\"x\\\": invalid syntax")]
    [InlineData("labels?limit=-1", "limit must be non-negative")]
    [InlineData("label/job/values?end=x", "Invalid time value for 'end': cannot parse \\\"x\\\" to a valid timestamp")]
    public async Task Wrong_parameters_are_bad_data(string path, string error)
    {
        await using ApiServer api = await ApiServer.StartAsync(Source(), new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/" + path);

        Assert.Equal($$"""{"status":"error","errorType":"bad_data","error":"{{error}}"}""", reply.Text);
        Assert.Equal(400, reply.Status);
        Assert.Equal("no-store", reply.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task A_confined_tenant_sees_its_own_series_only()
    {
        var tenancy = new TenancyOptions { Enforce = true, LabelName = "zone", DefaultTenant = "z0", Header = "X-Scope" };
        await using ApiServer api = await ApiServer.StartAsync(Source(), new QueryApiOptions { Tenancy = tenancy });

        ApiReply fallen = await api.GetAsync("/api/v1/label/zone/values");
        ApiReply own = await api.SendAsync("GET", "/api/v1/label/zone/values", [new("X-Scope", "z1")]);
        ApiReply wide = await api.SendAsync("GET", "/api/v1/series?match[]={zone=~%22.%2B%22}", [new("X-Scope", "z1")]);
        ApiReply bad = await api.SendAsync("GET", "/api/v1/labels", [new("X-Scope", "a/b")]);

        Assert.Contains("""["z0"]""", fallen.Text, StringComparison.Ordinal);
        Assert.Contains("""["z1"]""", own.Text, StringComparison.Ordinal);
        Assert.Contains("""[{"__name__":"up","job":"b","zone":"z1"}]""", wide.Text, StringComparison.Ordinal);
        Assert.Contains("tenant name not valid", bad.Text, StringComparison.Ordinal);
        Assert.Equal(400, bad.Status);
    }

    [Fact]
    public async Task A_request_that_takes_too_long_times_out()
    {
        FakeSource source = Source();
        source.Before = token => Task.Delay(Timeout.Infinite, token);
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions { Timeout = TimeSpan.FromMilliseconds(20) });

        ApiReply reply = await api.GetAsync("/api/v1/labels");

        Assert.Equal("""{"status":"error","errorType":"timeout","error":"context deadline exceeded"}""", reply.Text);
        Assert.Equal(503, reply.Status);
    }

    [Fact]
    public async Task Series_past_the_memory_budget_fail_the_request()
    {
        FakeSource source = Source();
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions { MaxMemoryBytes = 150 });

        ApiReply reply = await api.GetAsync("/api/v1/series?match[]=up");

        Assert.Equal(422, reply.Status);
        Assert.Contains("(--query.max-memory-bytes raises it)", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Selections_reach_the_stores()
    {
        FakeSource source = Source();
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions { ReplicaLabels = ["replica"] });

        await api.GetAsync("/api/v1/series?match[]=up&dedup=false&partial_response=false&storeMatch[]={__address__=~%22a.*%22}&replicaLabels[]=x&replicaLabels[]=y");
        await api.GetAsync("/api/v1/labels");

        (SelectParameters series, string tenant) = source.Requests[0];
        Assert.Equal("default-tenant", tenant);
        Assert.False(series.Deduplicate);
        Assert.False(series.PartialResponse);
        Assert.Equal(["x", "y"], series.ReplicaLabels);
        Assert.Equal(long.MaxValue, series.MaxResolutionMs);
        Assert.Equal("__address__=~\"a.*\"", Assert.Single(Assert.Single(series.StoreMatch)).ToString());
        Assert.Empty(source.Requests[1].Select.ReplicaLabels);
    }
}
