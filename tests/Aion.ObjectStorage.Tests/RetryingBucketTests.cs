using Aion.Testing;

namespace Aion.ObjectStorage.Tests;

public sealed class RetryingBucketTests : BucketContract
{
    private static readonly RetryOptions Quick = new() { FirstPause = TimeSpan.FromTicks(1) };

    protected override IBucket Bucket { get; } =
        new RetryingBucket(new InMemoryBucket(TimeProvider.System), Quick, TimeProvider.System, new Random(1));

    [Fact]
    public async Task A_passing_fault_is_not_seen()
    {
        var (faulty, bucket) = Make();
        var failures = 0;
        faulty.FailWhen = (_, _) => failures++ % 2 == 0;

        await bucket.UploadAsync("x", "content"u8.ToArray(), Cancellation);
        Assert.Equal("content"u8.ToArray(), await bucket.ReadAllAsync("x", 100, Cancellation));
        Assert.True(await bucket.ExistsAsync("x", Cancellation));
        var listed = new List<string>();
        await foreach (BucketEntry entry in bucket.ListAsync("", true, Cancellation)) listed.Add(entry.Key);
        await bucket.DeleteAsync("x", Cancellation);

        Assert.Equal(["x"], listed);
        Assert.Equal(10, faulty.Calls.Count);
    }

    [Fact]
    public async Task It_gives_up_after_the_attempts()
    {
        var (faulty, bucket) = Make();
        faulty.FailWhen = (_, _) => true;

        await Assert.ThrowsAsync<BucketException>(() => bucket.ExistsAsync("x", Cancellation));

        Assert.Equal(4, faulty.Calls.Count);
    }

    [Fact]
    public async Task Other_failures_are_final()
    {
        var (faulty, bucket) = Make();
        faulty.FailWhen = (_, _) => true;
        faulty.Kind = BucketErrorKind.AccessDenied;

        await Assert.ThrowsAsync<BucketException>(() => bucket.ExistsAsync("x", Cancellation));

        Assert.Single(faulty.Calls);
    }

    [Fact]
    public async Task A_source_that_cannot_be_rewound_is_sent_once()
    {
        var (faulty, bucket) = Make();
        faulty.FailWhen = (_, _) => true;

        await Assert.ThrowsAsync<BucketException>(() => bucket.UploadAsync("x", new UnseekableStream([1]), Cancellation));

        Assert.Single(faulty.Calls);
    }

    [Fact]
    public async Task A_bucket_that_is_down_is_asked_only_a_little_more_often()
    {
        var faulty = new FaultyBucket(new InMemoryBucket(TimeProvider.System)) { FailWhen = (_, _) => true };
        var bucket = new RetryingBucket(faulty, Quick with { BudgetBurst = 5 }, TimeProvider.System, new Random(1));

        for (var i = 0; i < 100; i++) await Assert.ThrowsAsync<BucketException>(() => bucket.ExistsAsync("x", Cancellation));

        Assert.InRange(faulty.Calls.Count, 105, 116);
    }

    private static (FaultyBucket Faulty, RetryingBucket Bucket) Make()
    {
        var faulty = new FaultyBucket(new InMemoryBucket(TimeProvider.System));
        return (faulty, new RetryingBucket(faulty, Quick, TimeProvider.System, new Random(1)));
    }
}
