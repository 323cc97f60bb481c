using System.Security.Cryptography;
using System.Text;
using Aion.Testing;
using Amazon.S3;
using Microsoft.Extensions.Time.Testing;

namespace Aion.ObjectStorage.S3.Tests;

/// <summary>What goes over the wire, and what becomes of bad answers, against a server that the test plays.</summary>
public sealed class S3RequestTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_says_what_the_settings_say()
    {
        await using var server = new StubHttpServer(_ => Ok(""));
        IBucket bucket = Buckets.At(
            server.Address,
            "sse_config: {type: SSE-KMS, kms_key_id: key-1, kms_encryption_context: {a: b}}, "
            + "put_user_metadata: {x-amz-storage-class: STANDARD_IA, team: core, Cache-Control: no-store}");

        await bucket.UploadAsync("dir/x", "content"u8.ToArray(), Cancellation);

        StubRequest put = Assert.Single(server.Requests);
        Assert.Equal(("PUT", "/b/dir/x"), (put.Method, put.Target));
        Assert.Equal("content", Encoding.UTF8.GetString(put.Body));
        Assert.Equal("STANDARD_IA", put.Header("x-amz-storage-class"));
        Assert.Equal("core", put.Header("x-amz-meta-team"));
        Assert.Equal("no-store", put.Header("Cache-Control"));
        Assert.Equal("application/octet-stream", put.Header("Content-Type"));
        Assert.Equal("aws:kms", put.Header("x-amz-server-side-encryption"));
        Assert.Equal("key-1", put.Header("x-amz-server-side-encryption-aws-kms-key-id"));
        Assert.Equal("{\"a\":\"b\"}", Encoding.UTF8.GetString(Convert.FromBase64String(put.Header("x-amz-server-side-encryption-context"))));
#pragma warning disable CA5351 // The wire's own checksum.
        Assert.Equal(Convert.ToBase64String(MD5.HashData("content"u8)), put.Header("Content-MD5"));
#pragma warning restore CA5351
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("content"u8)), put.Header("x-amz-content-sha256"));
        Assert.Equal("", put.Header("Transfer-Encoding"));
        Assert.StartsWith("AWS4-HMAC-SHA256 Credential=k/", put.Header("Authorization"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_old_encryption_field_asks_for_S3s_own_keys_and_md5_can_be_left_out()
    {
        await using var server = new StubHttpServer(_ => Ok(""));
        IBucket bucket = Buckets.At(server.Address, "encrypt_sse: true, send_content_md5: false");

        await bucket.UploadAsync("x", "content"u8.ToArray(), Cancellation);

        StubRequest put = Assert.Single(server.Requests);
        Assert.Equal("AES256", put.Header("x-amz-server-side-encryption"));
        Assert.Equal("", put.Header("Content-MD5"));
    }

    [Fact]
    public async Task The_bucket_can_stand_in_the_host_name()
    {
        await using var server = new StubHttpServer(_ => Ok("abc"));
        IBucket bucket = Buckets.Open(
            $"{{bucket: metrics, endpoint: \"localhost:{server.Address.Split(':')[1]}\", insecure: true, access_key: k, secret_key: s, bucket_lookup_type: virtual-hosted, max_retries: 1}}");

        // A name below localhost need not resolve here; the request as it was meant to go is in the error then.
        string target;
        try
        {
            await bucket.ReadAllAsync("x", 100, Cancellation);
            target = Assert.Single(server.Requests).Header("Host");
        }
        catch (BucketException e)
        {
            target = e.Message;
        }

        Assert.Contains("metrics.localhost", target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passing_storm_of_503_is_not_seen()
    {
        var calls = 0;
        await using var server = new StubHttpServer(_ => Interlocked.Increment(ref calls) % 3 != 0 ? SlowDown : Ok("abc"));
        IBucket bucket = Buckets.At(server.Address, "max_retries: 4");

        Assert.Equal("abc"u8.ToArray(), await bucket.ReadAllAsync("x", 100, Cancellation));
        await bucket.UploadAsync("x", new PatternStream(100_000), Cancellation);

        Assert.Equal(6, calls);
        Assert.All(server.Requests.Where(r => r.Method == "PUT"), r => Assert.Equal(100_000, r.Body.Length));
    }

    [Fact]
    public async Task A_lasting_storm_is_a_passing_failure_and_retries_have_a_budget()
    {
        await using var server = new StubHttpServer(_ => SlowDown);
        IBucket bucket = Buckets.At(server.Address, "max_retries: 1000");

        Task<BucketException>[] calls =
            [.. Enumerable.Range(0, 60).Select(_ => Assert.ThrowsAsync<BucketException>(() => bucket.ExistsAsync("x", Cancellation)))];
        BucketException[] failures = await Task.WhenAll(calls);

        Assert.All(failures, e => Assert.Equal(BucketErrorKind.Transient, e.Kind));
        Assert.InRange(server.Requests.Count, 60, 60 + 105);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_breaks_off_or_stalls_is_taken_up_where_it_stopped(bool stalls)
    {
        var body = new BrokenBody(100_000, partBytes: 30_000, failures: 2, stalls) { Headers = new() { ["ETag"] = $"\"{BrokenBody.Tag}\"" } };
        await using var server = new StubHttpServer(body.Answer);
        var time = new FakeTimeProvider();
        IBucket bucket = Buckets.At(server.Address, "http_config: {response_header_timeout: 0s}", time);

        Task<byte[]> reading = bucket.ReadAllAsync("x", 1 << 20, Cancellation);
        while (stalls && !reading.IsCompleted)
        {
            // The clock of the stall runs from when the read begins, which nobody tells.
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(reading, Task.Delay(5, Cancellation));
        }

        Assert.Equal(body.Content, await reading);
        Assert.Equal(["", "bytes=30000-", "bytes=60000-"], server.Requests.Select(r => r.Header("Range")));
        Assert.All(server.Requests.Skip(1), r => Assert.Contains(BrokenBody.Tag, r.Header("If-Match"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_gone_in_mid_transfer_is_a_passing_failure()
    {
        await using var server = new StubHttpServer(_ => new StubAnswer(200, new string('x', 1000), CutAfter: 500));
        IBucket bucket = Buckets.At(server.Address);

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.ReadAllAsync("dir/x", 10_000, Cancellation));

        Assert.Equal(BucketErrorKind.Transient, e.Kind);
        Assert.Contains("read dir/x in bucket b", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_passing_failure()
    {
        var server = new StubHttpServer(_ => Ok(""));
        string address = server.Address;
        await server.DisposeAsync();

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => Buckets.At(address, "max_retries: 1").GetAsync("x", Cancellation));

        Assert.Equal(BucketErrorKind.Transient, e.Kind);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_the_header_timeout()
    {
        using var never = new ManualResetEventSlim();
        await using var server = new StubHttpServer(_ =>
        {
            never.Wait(TimeSpan.FromSeconds(10));
            return Ok("");
        });
        IBucket bucket = Buckets.At(server.Address, "max_retries: 1, http_config: {response_header_timeout: 200ms}");

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.UploadAsync("x", "1"u8.ToArray(), Cancellation));
        never.Set();

        Assert.Equal(BucketErrorKind.Transient, e.Kind);
        Assert.Contains("response_header_timeout", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_sends_more_than_the_range_is_cut_short()
    {
        await using var server = new StubHttpServer(_ => new StubAnswer(206, "0123456789"));

        await using Stream stream = await Buckets.At(server.Address).GetRangeAsync("x", 0, 4, Cancellation);

        Assert.Equal("bytes=0-3", Assert.Single(server.Requests).Header("Range"));
        Assert.Equal("0123", await new StreamReader(stream).ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task A_server_that_sends_the_whole_object_for_a_range_is_refused()
    {
        await using var server = new StubHttpServer(_ => Ok("0123456789"));

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => Buckets.At(server.Address).GetRangeAsync("x", 2, 4, Cancellation));

        Assert.Contains("ignored the range", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_Amazon_a_conditional_upload_is_the_servers_to_decide()
    {
        await using var server = new StubHttpServer(r => r.Header("If-None-Match") == "*" ? Error(412, "PreconditionFailed") : Ok(""));
        S3Config config = Buckets.Read($"{{bucket: b, endpoint: \"{server.Address}\", insecure: true, access_key: k, secret_key: s}}");
        config = config with { Endpoint = config.Endpoint with { IsAmazon = true } };
        using AmazonS3Client client = S3BucketProvider.CreateClient(config, Buckets.Context());
        var bucket = new S3Bucket(client, config);

        BucketException e = await Assert.ThrowsAsync<BucketException>(
            () => bucket.UploadAsync("x", new MemoryStream([1]), UploadCondition.IfAbsent, Cancellation));

        Assert.Equal(BucketErrorKind.AlreadyExists, e.Kind);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_failed_part_takes_the_upload_back()
    {
        await using var server = new StubHttpServer(r => r.Method switch
        {
            "POST" => Ok("<InitiateMultipartUploadResult><UploadId>id-1</UploadId></InitiateMultipartUploadResult>"),
            "DELETE" => new StubAnswer(204),
            _ => r.Target.Contains("partNumber=2", StringComparison.Ordinal)
                ? Error(403, "AccessDenied")
                : Ok("") with { Headers = new() { ["ETag"] = "\"e\"" } },
        });
        IBucket bucket = Buckets.At(server.Address, "part_size: 5242880");

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.UploadAsync("x", new PatternStream(12_000_000), Cancellation));

        Assert.Equal(BucketErrorKind.AccessDenied, e.Kind);
        Assert.Contains(server.Requests, r => r.Method == "DELETE" && r.Target.Contains("uploadId=id-1", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Requests, r => r.Target.Contains("partNumber=3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_of_the_customers_goes_with_every_request_that_needs_it()
    {
        using var folder = new TempDirectory();
        byte[] key = RandomNumberGenerator.GetBytes(32);
        await File.WriteAllBytesAsync(folder.Combine("key"), key, Cancellation);
        await using var server = new StubHttpServer(r => r switch
        {
            _ when r.Target.EndsWith("?uploads", StringComparison.Ordinal) => Ok("<InitiateMultipartUploadResult><UploadId>id-1</UploadId></InitiateMultipartUploadResult>"),
            { Method: "POST" } => Ok("<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"),
            { Method: "PUT" } => Ok("") with { Headers = new() { ["ETag"] = "\"e\"" } },
            _ => Ok("abc"),
        });
        IBucket bucket = Buckets.At(server.Address, $"sse_config: {{type: SSE-C, encryption_key: \"{folder.Combine("key")}\"}}, part_size: 5242880");

        await bucket.UploadAsync("small", "1"u8.ToArray(), Cancellation);
        await bucket.UploadAsync("large", new PatternStream(6_000_000), Cancellation);
        await bucket.ReadAllAsync("small", 10, Cancellation);
        await bucket.AttributesAsync("small", Cancellation);

        StubRequest[] needing = [.. server.Requests.Where(r => r.Method != "POST" || r.Target.EndsWith("?uploads", StringComparison.Ordinal))];
        Assert.Equal(6, needing.Length);
        Assert.All(needing, r =>
        {
            Assert.Equal("AES256", r.Header("x-amz-server-side-encryption-customer-algorithm"));
            Assert.Equal(Convert.ToBase64String(key), r.Header("x-amz-server-side-encryption-customer-key"));
#pragma warning disable CA5351 // The wire's own checksum.
            Assert.Equal(Convert.ToBase64String(MD5.HashData(key)), r.Header("x-amz-server-side-encryption-customer-key-MD5"));
#pragma warning restore CA5351
        });
    }

    [Fact]
    public async Task Temporary_keys_carry_their_token()
    {
        await using var server = new StubHttpServer(_ => Ok("abc"));

        await Buckets.At(server.Address, "session_token: t0").ReadAllAsync("x", 10, Cancellation);

        Assert.Equal("t0", Assert.Single(server.Requests).Header("x-amz-security-token"));
    }

    [Fact]
    public async Task Keys_come_from_variables_where_the_settings_have_none()
    {
        await using var server = new StubHttpServer(_ => Ok("abc"));
        var variables = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = "from-env", ["AWS_SECRET_ACCESS_KEY"] = "s", ["AWS_SESSION_TOKEN"] = "t1" };

        await Open(server, variables, "").ReadAllAsync("x", 10, Cancellation);

        Assert.Contains("Credential=from-env/", Assert.Single(server.Requests).Header("Authorization"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_come_from_the_profile_the_variables_name()
    {
        using var folder = new TempDirectory();
        string file = folder.Combine("credentials");
        await File.WriteAllTextAsync(file, "[default]\naws_access_key_id = d\naws_secret_access_key = s\n[other]\naws_access_key_id = from-profile\naws_secret_access_key = s\n", Cancellation);
        await using var server = new StubHttpServer(_ => Ok("abc"));
        var variables = new Dictionary<string, string> { ["AWS_SHARED_CREDENTIALS_FILE"] = file, ["AWS_PROFILE"] = "other" };

        await Open(server, variables, "").ReadAllAsync("x", 10, Cancellation);

        Assert.Contains("Credential=from-profile/", Assert.Single(server.Requests).Header("Authorization"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_identity_is_exchanged_at_the_sts_endpoint()
    {
        using var folder = new TempDirectory();
        string token = folder.Combine("token");
        await File.WriteAllTextAsync(token, "the-token\n", Cancellation);
        await using var sts = new StubHttpServer(_ => Ok(
            """
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>
            <AccessKeyId>from-sts</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t2</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>
            </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
            """));
        await using var server = new StubHttpServer(_ => Ok("abc"));
        var variables = new Dictionary<string, string>
        {
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = token,
            ["AWS_ROLE_ARN"] = "arn:role",
            ["AWS_SHARED_CREDENTIALS_FILE"] = folder.Combine("none"),
        };

        await Open(server, variables, $"sts_endpoint: \"http://{sts.Address}\"").ReadAllAsync("x", 10, Cancellation);

        Assert.Contains("WebIdentityToken=the-token", Encoding.UTF8.GetString(Assert.Single(sts.Requests).Body), StringComparison.Ordinal);
        StubRequest get = Assert.Single(server.Requests);
        Assert.Contains("Credential=from-sts/", get.Header("Authorization"), StringComparison.Ordinal);
        Assert.Equal("t2", get.Header("x-amz-security-token"));
    }

    private static IBucket Open(StubHttpServer server, Dictionary<string, string> variables, string more) => new S3BucketProvider().Create(
        BucketConfig.Parse($"type: S3\nconfig: {{bucket: b, endpoint: \"{server.Address}\", insecure: true, {more}}}").Settings,
        Buckets.Context(variables.GetValueOrDefault));

    private static StubAnswer SlowDown => Error(503, "SlowDown");

    private static StubAnswer Ok(string body) => new(200, body);

    private static StubAnswer Error(int status, string code) => new(status, $"<Error><Code>{code}</Code><Message>no</Message></Error>");
}
