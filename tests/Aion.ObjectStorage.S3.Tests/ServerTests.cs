using Aion.Testing;
using Amazon.S3;
using Amazon.S3.Model;

namespace Aion.ObjectStorage.S3.Tests;

/// <summary>The bucket contract against real servers, each test below a prefix of its own.</summary>
public abstract class ServerContract(string script) : BucketContract, IAsyncLifetime
{
    private IBucket? _bucket;

    protected IReadOnlyDictionary<string, string> Server { get; private set; } = new Dictionary<string, string>();

    protected override IBucket Bucket => _bucket!;

    public async ValueTask InitializeAsync()
    {
        Server = await ServiceScript.StartAsync(script);
        _bucket = new PrefixedBucket(Open(""), "contract/" + Guid.NewGuid().ToString("N"));
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Listings_of_many_pages_are_whole()
    {
        string prefix = "pages/" + Guid.NewGuid().ToString("N");
        var bucket = new PrefixedBucket(Open(""), prefix);
        await Parallel.ForAsync(0, 1005, Cancellation, async (i, token) => await bucket.UploadAsync($"p/{i:d4}/x", "1"u8.ToArray(), token));

        foreach (string settings in (string[])["", "list_objects_version: v1"])
        {
            var objects = new HashSet<string>();
            var directories = new HashSet<string>();
            bucket = new PrefixedBucket(Open(settings), prefix);
            await foreach (BucketEntry entry in bucket.ListAsync("p", true, Cancellation)) Assert.True(objects.Add(entry.Key));
            await foreach (BucketEntry entry in bucket.ListAsync("p", false, Cancellation)) Assert.True(entry.IsDirectory && directories.Add(entry.Key));
            Assert.Equal(1005, objects.Count);
            Assert.Equal(1005, directories.Count);
        }
    }

    [Fact]
    public async Task A_stream_of_unknown_length_goes_up_in_parts()
    {
        const long Length = 100 * 1024 * 1024;
        var bucket = new PrefixedBucket(Open("part_size: 8388608"), "parts/" + Guid.NewGuid().ToString("N"));

        await bucket.UploadAsync("big", new PatternStream(Length), Cancellation);

        Assert.Equal(Length, (await bucket.AttributesAsync("big", Cancellation)).SizeBytes);
        var across = new byte[1_000_000];
        Assert.Equal(across.Length, await bucket.ReadRangeAsync("big", 8_000_000, across, Cancellation));
        for (var i = 0; i < across.Length; i++)
            if (across[i] != PatternStream.At(8_000_000 + i)) Assert.Fail($"byte {i} differs");
        var tail = new byte[100];
        Assert.Equal(10, await bucket.ReadRangeAsync("big", Length - 10, tail, Cancellation));
        await bucket.DeleteAsync("big", Cancellation);
    }

    [Fact]
    public async Task An_upload_in_parts_that_fails_is_taken_back()
    {
        var bucket = new PrefixedBucket(Open("part_size: 5242880"), "failed/" + Guid.NewGuid().ToString("N"));

        await Assert.ThrowsAsync<IOException>(() => bucket.UploadAsync("x", new FailingStream(6_000_000), Cancellation));

        Assert.False(await bucket.ExistsAsync("x", Cancellation));
    }

    [Fact]
    public async Task One_request_can_carry_a_stream_of_unknown_length()
    {
        var bucket = new PrefixedBucket(Open("disable_multipart: true, part_size: 5242880"), "whole/" + Guid.NewGuid().ToString("N"));

        await bucket.UploadAsync("x", new PatternStream(6_000_000), Cancellation);

        Assert.Equal(6_000_000, (await bucket.AttributesAsync("x", Cancellation)).SizeBytes);
    }

    [Fact]
    public async Task Metadata_of_the_users_own_is_stored_with_the_object()
    {
        string key = "meta/" + Guid.NewGuid().ToString("N");
        IBucket bucket = Open("put_user_metadata: {team: core, x-amz-meta-tier: gold, Content-Type: text/plain, X-Amz-Storage-Class: STANDARD}, part_size: 5242880");
        await bucket.UploadAsync(key, "1"u8.ToArray(), Cancellation);
        await bucket.UploadAsync(key + "-parts", new PatternStream(6_000_000), Cancellation);

        using AmazonS3Client client = S3BucketProvider.CreateClient(Buckets.Read(Settings("")), Buckets.Context());
        foreach (string one in (string[])[key, key + "-parts"])
        {
            GetObjectMetadataResponse stored = await client.GetObjectMetadataAsync(Server["AION_S3_BUCKET"], one, Cancellation);
            Assert.Equal(("core", "gold", "text/plain"), (stored.Metadata["team"], stored.Metadata["tier"], stored.Headers.ContentType));
        }
    }

    /// <param name="settings">More settings, in YAML's flow form.</param>
    protected IBucket Open(string settings, string? secret = null) => Buckets.Open(Settings(settings, secret));

    private string Settings(string settings, string? secret = null) =>
        $"{{bucket: {Server["AION_S3_BUCKET"]}, endpoint: \"{new Uri(Server["AION_S3_ENDPOINT"]).Authority}\", region: {Server["AION_S3_REGION"]}, "
        + $"insecure: true, access_key: \"{Server["AION_S3_ACCESS_KEY"]}\", secret_key: {secret ?? Server["AION_S3_SECRET_KEY"]}, {settings}}}";
}

/// <summary>OpenStack Swift's S3 API checks signatures, and refuses chunked bodies and conditional writes.</summary>
public sealed class SwiftServerTests() : ServerContract("swift-s3.sh")
{
    [Fact]
    public async Task A_wrong_secret_is_access_denied()
    {
        IBucket bucket = Open("", secret: "wrong");

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.GetAsync("x", Cancellation));

        Assert.Equal(BucketErrorKind.AccessDenied, e.Kind);
        Assert.Contains("SignatureDoesNotMatch", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SSE-S3")]
    [InlineData("SSE-KMS, kms_key_id: k")]
    public async Task Encryption_that_the_server_does_not_offer_is_an_error_and_no_plain_object(string type)
    {
        IBucket bucket = Open($"sse_config: {{type: {type}}}");
        string key = "sse/" + Guid.NewGuid().ToString("N");

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.UploadAsync(key, "content"u8.ToArray(), Cancellation));

        Assert.Contains("NotImplemented", e.Message, StringComparison.Ordinal);
        Assert.False(await Open("").ExistsAsync(key, Cancellation));
    }

    [Fact]
    public async Task A_missing_bucket_is_no_missing_object()
    {
        IBucket bucket = Buckets.Open(
            $"{{bucket: no-such-bucket, endpoint: \"{new Uri(Server["AION_S3_ENDPOINT"]).Authority}\", insecure: true, access_key: \"{Server["AION_S3_ACCESS_KEY"]}\", secret_key: {Server["AION_S3_SECRET_KEY"]}}}");

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.GetAsync("x", Cancellation));

        Assert.Equal(BucketErrorKind.Unknown, e.Kind);
        Assert.Contains("NoSuchBucket", e.Message, StringComparison.Ordinal);
        Assert.Contains("no-such-bucket", e.Message, StringComparison.Ordinal);
    }
}

/// <summary>fauxqs checks no signatures, and so says nothing of wrong secrets; its requests end at 11 MiB.</summary>
public sealed class FauxqsServerTests() : ServerContract("fauxqs-s3.sh");
