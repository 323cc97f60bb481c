using Aion.Testing;

namespace Aion.ObjectStorage.Gcs.Tests;

/// <summary>
/// The bucket contract against the storage emulator out of firebase-tools, each test below a prefix of its own. What it does not do as
/// Google does (uploads of several chunks, conditional uploads) is tested on <see cref="FakeGcs"/>.
/// </summary>
public sealed class EmulatorTests : BucketContract, IAsyncLifetime
{
    private IBucket? _bucket;

    protected override IBucket Bucket => _bucket!;

    public async ValueTask InitializeAsync()
    {
        IReadOnlyDictionary<string, string> server = await ServiceScript.StartAsync("gcs.sh");
        _bucket = new PrefixedBucket(
            GcsConfigTests.Open($"{{bucket: {server["AION_GCS_BUCKET"]}}}", server["STORAGE_EMULATOR_HOST"]), "contract/" + Guid.NewGuid().ToString("N"));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Listings_of_many_pages_are_whole()
    {
        await Parallel.ForAsync(0, 1005, Cancellation, async (i, token) => await Bucket.UploadAsync($"p/{i:d4}/x", "1"u8.ToArray(), token));

        Assert.Equal(1005, (await ListAsync("p", recursive: true)).Distinct().Count());
        Assert.Equal(1005, (await ListAsync("p", recursive: false)).Distinct().Count());
    }

    /// <summary>The emulator ignores the condition; this fails when it no longer does.</summary>
    [Fact]
    public override Task If_absent_refuses_a_key_that_is_taken() => Assert.ThrowsAnyAsync<Exception>(base.If_absent_refuses_a_key_that_is_taken);

    /// <inheritdoc cref="If_absent_refuses_a_key_that_is_taken"/>
    [Fact]
    public override Task If_absent_lets_exactly_one_writer_through() => Assert.ThrowsAnyAsync<Exception>(base.If_absent_lets_exactly_one_writer_through);
}

/// <summary>The bucket contract against the fake, which does what the emulator leaves out.</summary>
public sealed class FakeContractTests : BucketContract, IAsyncDisposable
{
    private readonly FakeGcs _server = new();

    public FakeContractTests() => Bucket = GcsConfigTests.Open("{bucket: b, chunk_size_bytes: 262144}", _server.Address);

    protected override IBucket Bucket { get; }

    [Fact]
    public async Task A_stream_of_unknown_length_goes_up_in_chunks()
    {
        foreach (int length in (int[])[262_143, 262_144, 262_145, 524_288, 3_000_000])
        {
            await Bucket.UploadAsync("big", new PatternStream(length), Cancellation);

            byte[] stored = await Bucket.ReadAllAsync("big", 1 << 22, Cancellation);
            Assert.Equal(length, stored.Length);
            for (var i = 0; i < length; i++)
                if (stored[i] != PatternStream.At(i)) Assert.Fail($"byte {i} of {length} differs");
        }
    }

    [Fact]
    public async Task A_chunk_that_was_stored_in_part_is_completed()
    {
        _server.KeepsAtMost = 100_000;

        await Bucket.UploadAsync("big", new PatternStream(600_000), Cancellation);

        byte[] stored = await Bucket.ReadAllAsync("big", 1 << 22, Cancellation);
        Assert.Equal(Enumerable.Range(0, 600_000).Select(i => PatternStream.At(i)), stored);
    }

    [Fact]
    public async Task A_storm_in_the_middle_of_an_upload_is_not_seen()
    {
        var calls = 0;
        _server.FailWhen = _ => Interlocked.Increment(ref calls) % 2 == 1;

        await Bucket.UploadAsync("big", new PatternStream(600_000), Cancellation);
        await PutAsync("small", "x");

        Assert.Equal(600_000, (await Bucket.AttributesAsync("big", Cancellation)).SizeBytes);
        Assert.Equal("x", await TextAsync("small"));
    }

    [Fact]
    public async Task If_absent_holds_for_uploads_in_chunks()
    {
        await PutAsync("x", "here");

        BucketException e = await Assert.ThrowsAsync<BucketException>(
            () => Bucket.UploadAsync("x", new PatternStream(600_000), UploadCondition.IfAbsent, Cancellation));

        Assert.Equal(BucketErrorKind.AlreadyExists, e.Kind);
    }

    [Fact]
    public async Task An_upload_in_chunks_that_fails_is_taken_back()
    {
        await Assert.ThrowsAsync<IOException>(() => Bucket.UploadAsync("x", new FailingStream(600_000), Cancellation));

        Assert.False(await Bucket.ExistsAsync("x", Cancellation));
        Assert.Equal(0, _server.OpenSessions);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _server.DisposeAsync();
    }
}
