using Aion.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aion.ObjectStorage.Gcs.Tests;

/// <summary>What becomes of bad answers, against a server that the test plays.</summary>
public sealed class GcsRequestTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lasting_storm_is_a_passing_failure_and_retries_have_a_budget()
    {
        await using var server = new StubHttpServer(_ => new StubAnswer(503, "busy"));
        IBucket bucket = GcsConfigTests.Open("{bucket: b, max_retries: 4}", server.Address);

        Task<BucketException>[] calls =
            [.. Enumerable.Range(0, 40).Select(_ => Assert.ThrowsAsync<BucketException>(() => bucket.ExistsAsync("x", Cancellation)))];
        BucketException[] failures = await Task.WhenAll(calls);

        Assert.All(failures, e => Assert.Equal(BucketErrorKind.Transient, e.Kind));
        Assert.InRange(server.Requests.Count, 41, 40 + 54);
    }

    [Theory]
    [InlineData(401, "", BucketErrorKind.AccessDenied)]
    [InlineData(403, """{"error": {"message": "no access", "errors": [{"reason": "forbidden"}]}}""", BucketErrorKind.AccessDenied)]
    [InlineData(403, """{"error": {"message": "slow", "errors": [{"reason": "rateLimitExceeded"}]}}""", BucketErrorKind.Transient)]
    [InlineData(404, "Not Found", BucketErrorKind.NotFound)]
    [InlineData(404, """{"error": {"message": "The specified bucket does not exist."}}""", BucketErrorKind.Unknown)]
    [InlineData(429, "", BucketErrorKind.Transient)]
    [InlineData(500, "<html>", BucketErrorKind.Transient)]
    [InlineData(400, """{"error": {"message": "bad name"}}""", BucketErrorKind.Unknown)]
    [InlineData(200, "{broken", BucketErrorKind.Unknown)]
    public async Task Answers_are_told_in_the_contracts_words(int status, string body, BucketErrorKind expected)
    {
        await using var server = new StubHttpServer(_ => new StubAnswer(status, body, "application/json"));
        IBucket bucket = GcsConfigTests.Open("{bucket: b, max_retries: 1}", server.Address);

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.AttributesAsync("dir/x", Cancellation));

        Assert.Equal(expected, e.Kind);
        Assert.Contains("attributes of dir/x in bucket b", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_breaks_off_or_stalls_is_taken_up_where_it_stopped(bool stalls)
    {
        var body = new BrokenBody(100_000, partBytes: 30_000, failures: 2, stalls) { Headers = new() { ["x-goog-generation"] = "7" } };
        await using var server = new StubHttpServer(body.Answer);
        var time = new FakeTimeProvider();
        IBucket bucket = GcsConfigTests.Open("{bucket: b, http_config: {response_header_timeout: 0s}}", server.Address, time);

        Task<byte[]> reading = bucket.ReadAllAsync("x", 1 << 20, Cancellation);
        while (stalls && !reading.IsCompleted)
        {
            // The clock of the stall runs from when the read begins, which nobody tells.
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(reading, Task.Delay(5, Cancellation));
        }

        Assert.Equal(body.Content, await reading);
        Assert.Equal(["", "bytes=30000-", "bytes=60000-"], server.Requests.Select(r => r.Header("Range")));
        Assert.All(server.Requests.Skip(1), r => Assert.EndsWith("&generation=7", r.Target, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_gone_in_mid_transfer_is_a_passing_failure()
    {
        await using var server = new StubHttpServer(_ => new StubAnswer(200, new string('x', 1000), CutAfter: 500));

        BucketException e = await Assert.ThrowsAsync<BucketException>(
            () => GcsConfigTests.Open("{bucket: b}", server.Address).ReadAllAsync("dir/x", 10_000, Cancellation));

        Assert.Equal(BucketErrorKind.Transient, e.Kind);
        Assert.Contains("read dir/x in bucket b", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_sends_the_whole_object_for_a_range_is_refused_unless_the_range_is_behind_its_end()
    {
        await using var server = new StubHttpServer(_ => new StubAnswer(200, "0123456789"));
        IBucket bucket = GcsConfigTests.Open("{bucket: b}", server.Address);

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.GetRangeAsync("x", 2, 4, Cancellation));
        await using Stream behind = await bucket.GetRangeAsync("x", 10, 4, Cancellation);

        Assert.Contains("ignored the range", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, await behind.ReadAsync(new byte[1], Cancellation));
    }

    [Fact]
    public async Task A_conditional_upload_whose_answer_was_lost_is_not_sent_again()
    {
        await using var server = new StubHttpServer(_ => new StubAnswer(500, "lost"));
        IBucket bucket = GcsConfigTests.Open("{bucket: b}", server.Address);

        BucketException e = await Assert.ThrowsAsync<BucketException>(
            () => bucket.UploadAsync("x", new MemoryStream([1]), UploadCondition.IfAbsent, Cancellation));

        Assert.Equal(BucketErrorKind.Transient, e.Kind);
        Assert.Contains("ifGenerationMatch=0", Assert.Single(server.Requests).Target, StringComparison.Ordinal);
    }
}
