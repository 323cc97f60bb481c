using Aion.Testing;

namespace Aion.ObjectStorage.Swift.Tests;

/// <summary>Large objects on OpenStack Swift; a subclass for each way of storing them.</summary>
public abstract class LargeObjectTests(string settings, string segmentContainer) : IAsyncLifetime
{
    private readonly string _prefix = "large/" + Guid.NewGuid().ToString("N");
    private SwiftServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IBucket Bucket { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await SwiftServer.StartAsync();
        Bucket = new PrefixedBucket(_server.Open($"large_object_chunk_size: 131072, {settings}"), _prefix);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _server?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Objects_larger_than_a_chunk_read_like_any_other()
    {
        const int Length = 1_000_000;

        await Bucket.UploadAsync("big", new PatternStream(Length), Cancellation);

        byte[] stored = await Bucket.ReadAllAsync("big", 1 << 22, Cancellation);
        Assert.Equal(Length, stored.Length);
        for (var i = 0; i < Length; i++)
            if (stored[i] != PatternStream.At(i)) Assert.Fail($"byte {i} differs");
        var across = new byte[300_000];
        Assert.Equal(across.Length, await Bucket.ReadRangeAsync("big", 131_000, across, Cancellation));
        Assert.True(across.AsSpan().SequenceEqual(stored.AsSpan(131_000, across.Length)));
        Assert.Equal(10, await Bucket.ReadRangeAsync("big", Length - 10, new byte[100], Cancellation));
        Assert.Equal(Length, (await Bucket.AttributesAsync("big", Cancellation)).SizeBytes);
        BucketEntry listed = await Bucket.ListAsync("", true, Cancellation).SingleAsync(Cancellation);
        Assert.Equal(await Bucket.AttributesAsync("big", Cancellation), listed.Attributes);
    }

    [Theory]
    [InlineData(131_071)]
    [InlineData(131_072)]
    [InlineData(131_073)]
    [InlineData(262_144)]
    public async Task Lengths_about_the_chunks_come_back(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);

        await Bucket.UploadAsync("seekable", new MemoryStream(content), Cancellation);
        await Bucket.UploadAsync("stream", new UnseekableStream(content), Cancellation);

        Assert.Equal(content, await Bucket.ReadAllAsync("seekable", 1 << 20, Cancellation));
        Assert.Equal(content, await Bucket.ReadAllAsync("stream", 1 << 20, Cancellation));
    }

    [Fact]
    public async Task Deleting_and_replacing_leave_no_segments()
    {
        int before = await _server.CountSegmentsAsync(segmentContainer);
        await Bucket.UploadAsync("deleted", new PatternStream(400_000), Cancellation);
        await Bucket.UploadAsync("replaced", new PatternStream(400_000), Cancellation);
        await Bucket.UploadAsync("by/large", new PatternStream(300_000), Cancellation);

        await Bucket.DeleteAsync("deleted", Cancellation);
        await Bucket.UploadAsync("replaced", "small"u8.ToArray(), Cancellation);
        await Bucket.UploadAsync("by/large", new PatternStream(500_000), Cancellation);
        Assert.Equal(500_000, (await Bucket.AttributesAsync("by/large", Cancellation)).SizeBytes);
        await Bucket.DeleteAsync("by/large", Cancellation);

        Assert.Equal("small"u8.ToArray(), await Bucket.ReadAllAsync("replaced", 100, Cancellation));
        Assert.Equal("replaced", (await Bucket.ListAsync("", true, Cancellation).SingleAsync(Cancellation)).Key);
        Assert.Equal(before, await _server.CountSegmentsAsync(segmentContainer));
    }

    [Fact]
    public async Task A_large_upload_whose_source_fails_is_taken_back()
    {
        int before = await _server.CountSegmentsAsync(segmentContainer);

        await Assert.ThrowsAsync<IOException>(() => Bucket.UploadAsync("x", new FailingStream(300_000), Cancellation));

        Assert.False(await Bucket.ExistsAsync("x", Cancellation));
        Assert.Equal(before, await _server.CountSegmentsAsync(segmentContainer));
    }
}

/// <summary>A manifest names the segments, which lie in the container itself.</summary>
[Collection("one Swift")]
public sealed class StaticLargeObjectTests() : LargeObjectTests("", SwiftServer.Container);

/// <summary>A manifest names the segments, which have a container.</summary>
[Collection("one Swift")]
public sealed class SegmentContainerTests() : LargeObjectTests($"large_object_segments_container_name: {SwiftServer.Segments}", SwiftServer.Segments);

/// <summary>The segments are those that are listed.</summary>
[Collection("one Swift")]
public sealed class DynamicLargeObjectTests() : LargeObjectTests(
    $"use_dynamic_large_objects: true, large_object_segments_container_name: {SwiftServer.Segments}", SwiftServer.Segments);
