using Aion.Testing;

namespace Aion.ObjectStorage.Swift.Tests;

/// <summary>The bucket contract against OpenStack Swift, each test below a prefix of its own.</summary>
public abstract class SwiftContract(string settings) : BucketContract, IAsyncLifetime
{
    private IBucket? _bucket;

    protected override IBucket Bucket => _bucket!;

    internal SwiftServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await SwiftServer.StartAsync();
        _bucket = new PrefixedBucket(Server.Open(settings), "contract/" + Guid.NewGuid().ToString("N"));
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Server?.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Nothing is large but where a test says so: the default chunk of 1 GiB.</summary>
[Collection("one Swift")]
public sealed class SwiftServerTests() : SwiftContract("")
{
    [Fact]
    public async Task A_stream_of_unknown_length_goes_up_in_segments()
    {
        const long Length = 100 * 1024 * 1024;
        var bucket = new PrefixedBucket(Server.Open($"large_object_chunk_size: 20000000, large_object_segments_container_name: {SwiftServer.Segments}"), "big/" + Guid.NewGuid().ToString("N"));

        await bucket.UploadAsync("big", new PatternStream(Length), Cancellation);

        Assert.Equal(Length, (await bucket.AttributesAsync("big", Cancellation)).SizeBytes);
        var across = new byte[1_000_000];
        Assert.Equal(across.Length, await bucket.ReadRangeAsync("big", 19_500_000, across, Cancellation));
        for (var i = 0; i < across.Length; i++)
            if (across[i] != PatternStream.At(19_500_000 + i)) Assert.Fail($"byte {i} differs");
        await bucket.DeleteAsync("big", Cancellation);
        Assert.False(await bucket.ExistsAsync("big", Cancellation));
    }

    [Fact]
    public async Task Listings_of_many_pages_are_whole()
    {
        await Parallel.ForAsync(0, 1005, Cancellation, async (i, token) => await Bucket.UploadAsync($"p/{i:d4}/x", "1"u8.ToArray(), token));

        Assert.Equal(1005, (await ListAsync("p", recursive: true)).Distinct().Count());
        Assert.Equal(1005, (await ListAsync("p", recursive: false)).Distinct().Count());
    }

    [Fact]
    public async Task A_wrong_password_is_access_denied()
    {
        BucketException e = await Assert.ThrowsAsync<BucketException>(() => Server.Open("", password: "topsecret").GetAsync("x", Cancellation));

        Assert.Equal(BucketErrorKind.AccessDenied, e.Kind);
        Assert.DoesNotContain("topsecret", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_container_is_no_missing_object()
    {
        IBucket bucket = Server.Open("", container: "no-such-container");
        Func<Task>[] calls =
        [
            () => bucket.GetAsync("x", Cancellation),
            () => bucket.ExistsAsync("x", Cancellation),
            () => bucket.UploadAsync("x", "1"u8.ToArray(), Cancellation),
            () => bucket.DeleteAsync("x", Cancellation),
            async () => await bucket.ListAsync("", true, Cancellation).FirstOrDefaultAsync(Cancellation),
            () => Server.Open("large_object_chunk_size: 1, large_object_segments_container_name: no-such-container").UploadAsync("x", "12"u8.ToArray(), Cancellation),
        ];

        foreach (Func<Task> call in calls)
        {
            BucketException e = await Assert.ThrowsAsync<BucketException>(call);
            Assert.Equal(BucketErrorKind.Unknown, e.Kind);
            Assert.Contains("there is no container no-such-container", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_folder_of_segments_is_not_there()
    {
        IBucket large = Server.Open("large_object_chunk_size: 100000");
        string key = "visible/" + Guid.NewGuid().ToString("N");
        await large.UploadAsync(key, new PatternStream(250_000), Cancellation);

        IBucket plain = Server.Open("");
        var top = new List<string>();
        await foreach (BucketEntry entry in plain.ListAsync("", false, Cancellation)) top.Add(entry.Key);

        Assert.Contains("visible/", top);
        Assert.DoesNotContain("segments/", top);
        Assert.Equal(BucketErrorKind.InvalidKey, (await Assert.ThrowsAsync<BucketException>(() => plain.GetAsync("segments/x", Cancellation))).Kind);
        await large.DeleteAsync(key, Cancellation);
    }
}

/// <summary>Everything beyond 256 KiB is a static large object, whose segments lie in the container itself.</summary>
[Collection("one Swift")]
public sealed class SwiftStaticContractTests() : SwiftContract("large_object_chunk_size: 262144");
