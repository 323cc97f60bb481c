using Aion.Model;
using Aion.Protocol.Wire.QueryApi;
using Grpc.Core;

namespace Aion.Query.Tests;

/// <summary>What the recordings do not show of <c>thanos.Query</c>.</summary>
public sealed class QueryServiceTests
{
    [Fact]
    public async Task A_range_comes_in_batches_then_its_statistics()
    {
        await using GrpcQueries queries = await GrpcQueries.StartAsync(Source(5), new QueryApiOptions());
        var request = new QueryRangeRequest
        {
            Query = "m",
            StartTimeSeconds = 10,
            EndTimeSeconds = 30,
            IntervalSeconds = 10,
            ResponseBatchSize = 2,
            Engine = EngineType.Thanos,
            EnableDedup = true,
        };

        List<QueryRangeResponse> frames = await queries.AskAsync<QueryRangeRequest, QueryRangeResponse>("QueryRange", request);

        Assert.Equal([2, 2, 1], frames[..3].Select(f => f.TimeseriesBatch.Series.Count));
        Assert.Equal([(10_000, 10), (20_000, 20), (30_000, 30)], frames[0].TimeseriesBatch.Series[0].Samples.Select(s => (s.Timestamp, s.Value)));
        Assert.Equal(15, frames[3].Stats.SamplesTotal);
        Assert.Equal(4, frames.Count);
    }

    [Fact]
    public async Task A_message_ends_before_it_holds_too_much_whatever_batch_is_asked_for()
    {
        await using GrpcQueries queries = await GrpcQueries.StartAsync(Source(100), new QueryApiOptions());
        var request = new QueryRangeRequest
        {
            Query = "m",
            StartTimeSeconds = 0,
            EndTimeSeconds = 10_000,
            IntervalSeconds = 1,
            ResponseBatchSize = long.MaxValue,
            LookbackDeltaSeconds = 20_000,
        };

        List<QueryRangeResponse> frames = await queries.AskAsync<QueryRangeRequest, QueryRangeResponse>("QueryRange", request);

        Assert.Equal(100, frames.Sum(f => f.TimeseriesBatch?.Series.Count ?? 0));
        Assert.True(frames.Count > 3, $"{frames.Count} messages");
        Assert.All(frames, f => Assert.True(f.CalculateSize() < 5 << 20));
    }

    [Fact]
    public async Task A_query_over_budget_fails_alone_with_the_flag_that_raises_it()
    {
        await using GrpcQueries queries = await GrpcQueries.StartAsync(Source(500), new QueryApiOptions { MaxMemoryBytes = 100_000 });
        var request = new QueryRequest { Query = "m * 2", TimeSeconds = 1000 };

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => queries.AskAsync<QueryRequest, QueryResponse>("Query", request));

        Assert.Equal(StatusCode.Aborted, error.StatusCode);
        Assert.Contains("--query.max-memory-bytes raises it", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, queries.Budgets.All.UsedBytes);
        List<QueryResponse> partial = await queries.AskAsync<QueryRequest, QueryResponse>("Query", new QueryRequest(request) { EnablePartialResponse = true });
        Assert.Contains("--query.max-memory-bytes raises it", Assert.Single(partial).Warnings, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(long.MaxValue, 10, 1, "start_time_seconds is out of range")]
    [InlineData(20, 10, 1, "end timestamp must not be before start time")]
    [InlineData(1, 10, -5, "zero or negative query resolution step widths are not accepted")]
    public async Task Times_that_cannot_be_are_refused(long start, long end, long step, string error)
    {
        await using GrpcQueries queries = await GrpcQueries.StartAsync(Source(1), new QueryApiOptions());
        var request = new QueryRangeRequest { Query = "m", StartTimeSeconds = start, EndTimeSeconds = end, IntervalSeconds = step };

        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => queries.AskAsync<QueryRangeRequest, QueryRangeResponse>("QueryRange", request));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains(error, refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_tenants_are_enforced_a_call_sees_its_own_series_only()
    {
        FakeSource source = new FakeSource().Add(Labels.Of("__name__", "m", "tenant_id", "a"), new Sample(1_000, 1)).Add(Labels.Of("__name__", "m", "tenant_id", "b"), new Sample(1_000, 1));
        await using GrpcQueries queries = await GrpcQueries.StartAsync(source, new QueryApiOptions { Tenancy = new TenancyOptions { Enforce = true, DefaultTenant = "b" } });

        List<QueryResponse> frames = await queries.AskAsync<QueryRequest, QueryResponse>("Query", new QueryRequest { Query = "count by (tenant_id) (m)", TimeSeconds = 1 });

        Assert.Equal("b", Assert.Single(frames[0].Timeseries.Labels).Value);
        Assert.Equal(2, frames.Count);
    }

    private static FakeSource Source(int series)
    {
        var source = new FakeSource();
        Sample[] samples = [.. Enumerable.Range(0, 101).Select(i => new Sample(i * 10_000, i * 10))];
        for (var i = 0; i < series; i++) source.Add(Labels.Of("__name__", "m", "i", $"{i:000}"), samples);
        return source;
    }
}
