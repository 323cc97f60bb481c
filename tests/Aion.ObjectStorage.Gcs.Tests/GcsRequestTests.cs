using Aion.Testing;

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
