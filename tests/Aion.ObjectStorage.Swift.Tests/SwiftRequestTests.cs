using Aion.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aion.ObjectStorage.Swift.Tests;

/// <summary>What goes over the wire, and what becomes of bad answers, against a server that the test plays.</summary>
public sealed class SwiftRequestTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_that_is_refused_is_renewed_once()
    {
        await using var server = new FakeSwift(r => r.Header("X-Auth-Token") == "tk1" ? new StubAnswer(401) : new StubAnswer(200, "abc"));
        IBucket bucket = Buckets.At(server.Address);

        Assert.Equal("abc"u8.ToArray(), await bucket.ReadAllAsync("dir/x", 100, Cancellation));
        Assert.Equal("abc"u8.ToArray(), await bucket.ReadAllAsync("dir/x", 100, Cancellation));

        Assert.Equal(2, server.Logins);
        Assert.Equal(["tk1", "tk2", "tk2"], server.Requests.Select(r => r.Header("X-Auth-Token")));
        Assert.All(server.Requests, r => Assert.Equal("/v1/AUTH_t/c/dir/x", r.Target));
    }

    [Fact]
    public async Task A_token_that_is_refused_always_is_access_denied()
    {
        await using var server = new FakeSwift(_ => new StubAnswer(401, "<html><h1>Unauthorized</h1><p>This server could not verify &amp;c.</p></html>"));

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => Buckets.At(server.Address).GetAsync("x", Cancellation));

        Assert.Equal(BucketErrorKind.AccessDenied, e.Kind);
        Assert.Contains("get x in bucket c: This server could not verify &c. (status 401)", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Logins);
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_runs_out_and_by_one_caller_of_many()
    {
        var time = new FakeTimeProvider();
        await using var server = new FakeSwift(_ => new StubAnswer(200)) { TokenSeconds = 600 };
        IBucket bucket = Buckets.At(server.Address, time: time);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => bucket.ExistsAsync("x", Cancellation)));
        int first = server.Logins;
        time.Advance(TimeSpan.FromMinutes(9.5));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => bucket.ExistsAsync("x", Cancellation)));

        Assert.Equal((1, 2), (first, server.Logins));
    }

    [Fact]
    public async Task A_passing_storm_of_503_is_not_seen()
    {
        var calls = 0;
        await using var server = new FakeSwift(r => r.Method == "HEAD" ? new StubAnswer(404) : Interlocked.Increment(ref calls) % 3 != 0 ? new StubAnswer(503) : new StubAnswer(201, "abc"));
        IBucket bucket = Buckets.At(server.Address);

        await Assert.ThrowsAsync<BucketException>(() => bucket.UploadAsync("x", new PatternStream(100_000), Cancellation)); // no container
        await using var other = new FakeSwift(r => Interlocked.Increment(ref calls) % 3 != 0 ? new StubAnswer(503) : new StubAnswer(r.Method == "PUT" ? 201 : 200, "abc"));
        bucket = Buckets.At(other.Address);

        Assert.Equal("abc"u8.ToArray(), await bucket.ReadAllAsync("x", 100, Cancellation));
        await bucket.UploadAsync("x", new PatternStream(100_000), Cancellation);

        Assert.All(other.Requests.Where(r => r.Method == "PUT"), r => Assert.Equal(100_000, r.Body.Length));
        Assert.Equal(3, other.Requests.Count(r => r.Method == "PUT"));
    }

    [Fact]
    public async Task A_lasting_storm_is_a_passing_failure_and_retries_have_a_budget()
    {
        await using var server = new FakeSwift(_ => new StubAnswer(503));
        IBucket bucket = Buckets.At(server.Address, "retries: 2");

        for (var i = 0; i < 3; i++)
            Assert.Equal(BucketErrorKind.Transient, (await Assert.ThrowsAsync<BucketException>(() => bucket.ExistsAsync("x", Cancellation))).Kind);

        Assert.Equal(9, server.Requests.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_breaks_off_or_stalls_is_taken_up_where_it_stopped(bool stalls)
    {
        var body = new BrokenBody(100_000, partBytes: 30_000, failures: 2, stalls);
        await using var server = new FakeSwift(body.Answer);
        var time = new FakeTimeProvider();
        IBucket bucket = Buckets.At(server.Address, "http_config: {response_header_timeout: 0s}", time: time);

        Task<byte[]> reading = bucket.ReadAllAsync("x", 1 << 20, Cancellation);
        while (stalls && !reading.IsCompleted)
        {
            // The clock of the stall runs from when the read begins, which nobody tells.
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(reading, Task.Delay(5, Cancellation));
        }

        Assert.Equal(body.Content, await reading);
        Assert.Equal(["", "bytes=30000-", "bytes=60000-"], server.Requests.Select(r => r.Header("Range")));
        Assert.Equal(["", BrokenBody.Tag, BrokenBody.Tag], server.Requests.Select(r => r.Header("If-Match")));
    }

    [Fact]
    public async Task A_body_that_breaks_off_for_good_is_a_passing_failure()
    {
        await using var server = new FakeSwift(_ => new StubAnswer(200, new string('x', 1000), CutAfter: 500));

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => Buckets.At(server.Address).ReadAllAsync("dir/x", 10_000, Cancellation));

        Assert.Equal(BucketErrorKind.Transient, e.Kind);
        Assert.Contains("read dir/x in bucket c", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_object_whose_manifest_may_be_in_place_keeps_its_segments()
    {
        var lines = new Buckets.Lines();
        await using var server = new FakeSwift(r => r.Method switch
        {
            "HEAD" => new StubAnswer(r.Target.EndsWith("/c", StringComparison.Ordinal) ? 204 : 404),
            "PUT" when r.Target.Contains("multipart-manifest=put", StringComparison.Ordinal) => new StubAnswer(504),
            _ => new StubAnswer(201),
        });

        BucketException e = await Assert.ThrowsAsync<BucketException>(
            () => Buckets.At(server.Address, "large_object_chunk_size: 10, retries: 1", lines).UploadAsync("x", new PatternStream(25), Cancellation));

        Assert.Equal(BucketErrorKind.Transient, e.Kind);
        Assert.DoesNotContain(server.Requests, r => r.Method == "DELETE");
        Assert.Contains("its segments stay below c/segments/", Assert.Single(lines.Written), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_object_whose_manifest_is_refused_takes_its_segments_back()
    {
        await using var server = new FakeSwift(r => r.Method switch
        {
            "HEAD" => new StubAnswer(r.Target.EndsWith("/c", StringComparison.Ordinal) ? 204 : 404),
            "PUT" when r.Target.Contains("multipart-manifest=put", StringComparison.Ordinal) => new StubAnswer(400, "Too many segments"),
            "DELETE" => new StubAnswer(204),
            _ => new StubAnswer(201),
        });

        BucketException e = await Assert.ThrowsAsync<BucketException>(
            () => Buckets.At(server.Address, "large_object_chunk_size: 10").UploadAsync("x", new PatternStream(25), Cancellation));

        Assert.Contains("upload x in bucket c: Too many segments (status 400)", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, server.Requests.Count(r => r.Method == "DELETE" && r.Target.StartsWith("/v1/AUTH_t/c/segments/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_delete_that_left_segments_behind_is_a_failure()
    {
        await using var server = new FakeSwift(r => r.Method == "HEAD"
            ? new StubAnswer(200) { Headers = new() { ["X-Static-Large-Object"] = "True" } }
            : new StubAnswer(200, """{"Response Status": "400 Bad Request", "Response Body": "", "Number Deleted": 1, "Number Not Found": 0, "Errors": [["/c/segments/1", "403 Forbidden"]]}""", "application/json"));

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => Buckets.At(server.Address).DeleteAsync("x", Cancellation));

        Assert.Contains("delete x in bucket c: 400 Bad Request; 1 segments were not deleted: /c/segments/1 403 Forbidden", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, BucketErrorKind.AccessDenied)]
    [InlineData(413, BucketErrorKind.Full)]
    [InlineData(498, BucketErrorKind.Transient)]
    [InlineData(500, BucketErrorKind.Transient)]
    [InlineData(400, BucketErrorKind.Unknown)]
    public async Task Answers_are_told_in_the_contracts_words(int status, BucketErrorKind expected)
    {
        await using var server = new FakeSwift(_ => new StubAnswer(status) { Headers = new() { ["X-Trans-Id"] = "tx1" } });

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => Buckets.At(server.Address, "retries: 1").AttributesAsync("dir/x", Cancellation));

        Assert.Equal(expected, e.Kind);
        Assert.Contains($"attributes of dir/x in bucket c:  (status {status}, transaction tx1)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listing_that_goes_in_circles_ends()
    {
        string page = $"[{string.Join(',', Enumerable.Range(0, 1000).Select(i => $$"""{"name": "k{{i:d4}}", "bytes": 1, "last_modified": "2026-01-01T00:00:00.000000"}"""))}]";
        await using var server = new FakeSwift(_ => new StubAnswer(200, page, "application/json"));

        await Assert.ThrowsAsync<BucketException>(async () =>
        {
            await foreach (BucketEntry _ in Buckets.At(server.Address).ListAsync("", true, Cancellation))
            {
            }
        });

        Assert.Equal(2, server.Requests.Count);
    }
}
