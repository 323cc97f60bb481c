using Aion.Model;
using Aion.ObjectStorage;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Blocks.Tests;

public sealed class BlockMarkerTests
{
    private static readonly BlockId Id = TestBlocks.Id(1);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1795508713));
    private readonly InMemoryBucket _bucket;
    private readonly BlockMarker _marker;

    public BlockMarkerTests()
    {
        _bucket = new InMemoryBucket(_time);
        _marker = new BlockMarker(_bucket, _time, NullLogger.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mark_that_is_there_stays()
    {
        await _bucket.PutAsync(TestBlocks.Meta(1));

        Assert.Equal(MarkOutcome.Written, await _marker.MarkForDeletionAsync(Id, "first", Token));
        Assert.Equal(MarkOutcome.AlreadyMarked, await _marker.MarkForDeletionAsync(Id, "second", Token));
        Assert.Equal("first", BlockMarkJson.ParseDeletion(await ReadAsync(BlockLayout.DeletionMarkFile), "test").Details);
    }

    [Fact]
    public async Task A_mark_that_can_not_be_read_is_replaced()
    {
        await _bucket.PutAsync(TestBlocks.Meta(1));
        await _bucket.UploadAsync(BlockLayout.Key(Id, BlockLayout.NoCompactMarkFile), "{"u8.ToArray(), Token);

        Assert.Equal(MarkOutcome.Written, await _marker.MarkNoCompactAsync(Id, NoCompactReason.Manual, "why", Token));
        Assert.Equal("why", BlockMarkJson.ParseNoCompact(await ReadAsync(BlockLayout.NoCompactMarkFile), "test").Details);
    }

    [Fact]
    public async Task A_block_that_is_not_there_can_not_be_marked()
    {
        foreach (Func<Task> mark in new Func<Task>[]
        {
            () => _marker.MarkForDeletionAsync(Id, "", Token),
            () => _marker.MarkNoCompactAsync(Id, NoCompactReason.Manual, "", Token),
            () => _marker.MarkNoDownsampleAsync(Id, NoCompactReason.Manual, "", Token),
            () => _marker.RemoveAsync(Id, BlockLayout.DeletionMarkFile, Token),
        })
        {
            Assert.Equal(BucketErrorKind.NotFound, (await Assert.ThrowsAsync<BucketException>(mark)).Kind);
        }

        Assert.Empty(_bucket.Keys);
    }

    [Fact]
    public async Task A_partial_block_can_be_marked_and_a_lone_mark_is_no_block()
    {
        await _bucket.UploadAsync(BlockLayout.Key(TestBlocks.Id(2), BlockLayout.NoCompactMarkFile), "x"u8.ToArray(), Token);
        await Assert.ThrowsAsync<BucketException>(() => _marker.MarkForDeletionAsync(TestBlocks.Id(2), "", Token));
        await _bucket.UploadAsync(BlockLayout.ChunksKey(Id, 1), "x"u8.ToArray(), Token);
        Assert.Equal(MarkOutcome.Written, await _marker.MarkForDeletionAsync(Id, "", Token));
    }

    [Fact]
    public async Task A_mark_can_be_removed()
    {
        await _bucket.PutAsync(TestBlocks.Meta(1));
        await _marker.MarkNoDownsampleAsync(Id, NoCompactReason.Manual, "", Token);

        await _marker.RemoveAsync(Id, BlockLayout.NoDownsampleMarkFile, Token);

        Assert.Equal([BlockLayout.MetaKey(Id)], _bucket.Keys);
    }

    [Fact]
    public async Task A_block_is_deleted_meta_first_and_mark_last()
    {
        await _bucket.PutAsync(TestBlocks.Meta(1));
        foreach (string key in new[] { BlockLayout.ChunksKey(Id, 1), BlockLayout.IndexKey(Id), BlockLayout.Key(Id, BlockLayout.NoCompactMarkFile) })
            await _bucket.UploadAsync(key, "x"u8.ToArray(), Token);
        await _bucket.PutAsync(TestBlocks.Meta(2));
        await _marker.MarkForDeletionAsync(Id, "", Token);
        var recorded = new FaultyBucket(_bucket);

        await BlockDeleter.DeleteAsync(recorded, Id, Token);

        string[] deleted = [.. recorded.Calls.Where(c => c.Operation == "delete").Select(c => c.Key)];
        Assert.Equal(5, deleted.Length);
        Assert.Equal((BlockLayout.MetaKey(Id), BlockLayout.Key(Id, BlockLayout.DeletionMarkFile)), (deleted[0], deleted[^1]));
        Assert.Equal([BlockLayout.MetaKey(TestBlocks.Id(2))], _bucket.Keys);
    }

    private async Task<byte[]> ReadAsync(string file) => await _bucket.ReadAllAsync(BlockLayout.Key(Id, file), 10_000, Token);
}
