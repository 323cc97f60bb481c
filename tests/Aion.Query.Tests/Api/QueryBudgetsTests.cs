using Aion.Model;

namespace Aion.Query.Tests;

public sealed class QueryBudgetsTests
{
    private const string TooMuch = "/api/v1/query_range?query=m*2&start=0&end=1000&step=1";

    private const string Modest = "/api/v1/query?query=count(m)&time=1000";

    private const string Metadata = "/api/v1/series?match[]=m&start=0&end=1000";

    [Fact]
    public async Task Ten_queries_over_their_budget_fail_alone_and_leave_nothing_behind()
    {
        await using ApiServer api = await ApiServer.StartAsync(Source(500), new QueryApiOptions { MaxMemoryBytes = 1_000_000, MaxTotalMemoryBytes = 100_000_000 });

        string[] paths = [.. Enumerable.Repeat(TooMuch, 10), .. Enumerable.Repeat(Modest, 5), .. Enumerable.Repeat(Metadata, 5)];
        ApiReply[] replies = await Task.WhenAll(paths.Select(api.GetAsync));

        foreach (ApiReply reply in replies[..10])
        {
            Assert.Equal(422, reply.Status);
            Assert.Contains("\"errorType\":\"execution\"", reply.Text, StringComparison.Ordinal);
            Assert.Contains("the limit is 1000000 (--query.max-memory-bytes raises it)", reply.Text, StringComparison.Ordinal);
        }

        Assert.All(replies[10..15], reply => Assert.Contains("\"500\"", reply.Text, StringComparison.Ordinal));
        Assert.All(replies[15..], reply => Assert.Equal(200, reply.Status));
        await NothingLeftAsync(api);
    }

    [Fact]
    public async Task Queries_that_want_too_much_together_are_told_which_flag_it_is()
    {
        await using ApiServer api = await ApiServer.StartAsync(Source(500), new QueryApiOptions { MaxTotalMemoryBytes = 1_000_000 });

        ApiReply reply = await api.GetAsync(TooMuch);

        Assert.Equal(422, reply.Status);
        Assert.Contains("memory budget of all queries together exceeded: ", reply.Text, StringComparison.Ordinal);
        Assert.Contains("(--query.max-total-memory-bytes raises it)", reply.Text, StringComparison.Ordinal);
        await NothingLeftAsync(api);
        Assert.Equal(200, (await api.GetAsync(Modest)).Status);
    }

    [Fact]
    public async Task A_range_of_more_than_11000_points_is_refused()
    {
        await using ApiServer api = await ApiServer.StartAsync(Source(1), new QueryApiOptions());

        ApiReply reply = await api.GetAsync("/api/v1/query_range?query=m&start=0&end=11001&step=1");

        Assert.Equal(400, reply.Status);
        Assert.Contains("exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)", reply.Text, StringComparison.Ordinal);
    }

    /// <summary>A request's budget is given back when its connection is done with it, which is a moment after the client has the answer.</summary>
    private static async Task NothingLeftAsync(ApiServer api)
    {
        while (api.Budgets.All.UsedBytes != 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.True(api.Budgets.All.PeakBytes > 0);
    }

    private static FakeSource Source(int series)
    {
        var source = new FakeSource();
        for (var i = 0; i < series; i++) source.Add(Labels.Of("__name__", "m", "i", $"{i:0000}"), new Sample(900_000, i));
        return source;
    }
}
