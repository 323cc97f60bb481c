using Aion.Testing;

namespace Aion.ObjectStorage.Azure.Tests;

/// <summary>What becomes of bad answers, against a server that the test plays.</summary>
public sealed class AzureRequestTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_passing_storm_of_503_is_not_seen()
    {
        var calls = 0;
        await using var server = new StubHttpServer(_ => Interlocked.Increment(ref calls) % 3 != 0 ? Busy : Found("abc"));
        IBucket bucket = At(server, "pipeline_config: {max_tries: 4, retry_delay: 10ms}");

        Assert.Equal("abc"u8.ToArray(), await bucket.ReadAllAsync("x", 100, Cancellation));

        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task A_lasting_storm_is_a_passing_failure_and_retries_have_a_budget()
    {
        await using var server = new StubHttpServer(_ => Busy);
        IBucket bucket = At(server, "pipeline_config: {max_tries: 100, retry_delay: 1ms, max_retry_delay: 5ms}");

        for (var i = 0; i < 20; i++)
        {
            BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.ExistsAsync("x", Cancellation));
            Assert.True(e.Kind == BucketErrorKind.Transient, e.ToString());
        }

        Assert.InRange(server.Requests.Count, 20, 20 + 53);
    }

    [Fact]
    public async Task A_server_gone_in_mid_transfer_is_taken_up_again_and_then_a_passing_failure()
    {
        await using var server = new StubHttpServer(_ => Found(new string('x', 1000)) with { CutAfter = 500 });
        IBucket bucket = At(server, "pipeline_config: {max_tries: 1, retry_delay: 1ms}");

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.ReadAllAsync("dir/x", 10_000, Cancellation));

        Assert.Equal(BucketErrorKind.Transient, e.Kind);
        Assert.Contains("read dir/x in bucket c", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_passing_failure()
    {
        var server = new StubHttpServer(_ => Busy);
        IBucket bucket = At(server, "pipeline_config: {max_tries: 1, retry_delay: 1ms}");
        await server.DisposeAsync();

        Assert.Equal(BucketErrorKind.Transient, (await Assert.ThrowsAsync<BucketException>(() => bucket.GetAsync("x", Cancellation))).Kind);
    }

    private static StubAnswer Busy => new(503, "<Error><Code>ServerBusy</Code><Message>no</Message></Error>") { Headers = new() { ["x-ms-error-code"] = "ServerBusy" } };

    private static StubAnswer Found(string body) => new(200, body)
    {
        Headers = new() { ["ETag"] = "\"1\"", ["Last-Modified"] = "Fri, 01 Jan 2021 00:00:00 GMT", ["x-ms-blob-type"] = "BlockBlob" },
    };

    private static IBucket At(StubHttpServer server, string more) => AzureConfigTests.Open(
        "{storage_account: a, container: c, storage_create_container: false, storage_connection_string: "
        + $"\"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://{server.Address}/a;\", {more}}}");
}
