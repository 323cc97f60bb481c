using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Compactor.Tests;

/// <summary>Chunk files go up while the merge goes on; the block is there with its meta.json, or not at all.</summary>
public sealed class SegmentUploadsTests : IDisposable
{
    private readonly TestBucket _bucket;

    public SegmentUploadsTests()
    {
        _bucket = new TestBucket { Work = new BlockWork() };
        // A file for each few chunks.
        _bucket.Options = _bucket.Options with { Merge = new MergeOptions { SegmentLimitBytes = 4_000, Concurrency = 1 } };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _bucket.Dispose();

    [Fact]
    public async Task Files_are_uploaded_before_the_block_has_its_name_and_its_meta_comes_last()
    {
        await FillAsync();
        var merging = 0;
        _bucket.Faulty.Before = (operation, key) =>
        {
            // The writer gives the folder its final name at the end of the merge.
            if (operation == "upload" && key.Contains("/chunks/", StringComparison.Ordinal) && Unfinished().Length > 0) Interlocked.Increment(ref merging);
            return Task.CompletedTask;
        };

        await _bucket.RunAsync();

        BlockMeta result = Assert.Single(await _bucket.LiveAsync());
        Assert.InRange(result.Thanos.SegmentFiles.Count, 5, 1000);
        Assert.NotEqual(0, merging);
        string[] uploads = [.. _bucket.Faulty.Calls.Where(c => c.Operation == "upload" && c.Key.StartsWith(result.Id.ToString(), StringComparison.Ordinal)).Select(c => c.Key)];
        Assert.Equal(uploads.Distinct(), uploads);
        Assert.Equal(BlockLayout.MetaKey(result.Id), uploads[^1]);
        foreach (BlockFile file in result.Thanos.Files.Where(f => f.RelativePath != BlockLayout.MetaFile))
            Assert.Equal(file.SizeBytes, (await _bucket.Memory.ReadAllAsync(BlockLayout.Key(result.Id, file.RelativePath), 1 << 20, Token)).Length);
    }

    [Fact]
    public async Task An_upload_that_fails_once_is_tried_again_at_the_end()
    {
        await FillAsync();
        var failed = 0;
        _bucket.Faulty.FailWhen = (operation, key) =>
            operation == "upload" && key.EndsWith("/chunks/000002", StringComparison.Ordinal) && Interlocked.Increment(ref failed) == 1;

        await _bucket.RunAsync();

        BlockMeta result = Assert.Single(await _bucket.LiveAsync());
        Assert.Equal(2, failed);
        Assert.Contains(BlockLayout.ChunksKey(result.Id, 2), _bucket.Memory.Keys);
    }

    [Fact]
    public async Task A_merge_that_fails_leaves_nothing_in_the_bucket()
    {
        await FillAsync();
        IReadOnlyList<string> before = _bucket.Memory.Keys;
        // Nobody may replace the sources: the job ends behind its verification.
        _bucket.Faulty.FailWhen = (operation, key) => operation == "exists" && key.EndsWith("/deletion-mark.json", StringComparison.Ordinal)
            && _bucket.Faulty.Calls.Any(c => c.Operation == "upload");

        await Assert.ThrowsAsync<ComponentException>(() => _bucket.RunAsync());

        Assert.Contains(_bucket.Faulty.Calls, c => c.Operation == "upload" && c.Key.Contains("/chunks/", StringComparison.Ordinal));
        Assert.Equal(before, _bucket.Memory.Keys);
    }

    [Fact]
    public async Task Files_of_an_attempt_that_started_again_are_replaced_and_the_rest_removed()
    {
        using var uploads = new SegmentUploads(_bucket.Memory, BlockId.New(_bucket.Time), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        string folder = _bucket.NewFolder();
        Directory.CreateDirectory(folder);
        foreach (var (name, text) in new[] { ("000001", "old"), ("000002", "old"), ("000001", "new") })
        {
            string path = Path.Combine(folder, name);
            File.Delete(path);
            await File.WriteAllTextAsync(path, text, Token);
            uploads.Add(path);
        }

        Assert.Equal(["000001"], await uploads.CompleteAsync(["000001"], Token));
        string key = Assert.Single(_bucket.Memory.Keys);
        Assert.Equal("new"u8.ToArray(), await _bucket.Memory.ReadAllAsync(key, 10, Token));
    }

    private string[] Unfinished() => Directory.Exists(_bucket.DataDirectory)
        ? Directory.GetDirectories(_bucket.DataDirectory, "*.tmp-for-creation", SearchOption.AllDirectories) : [];

    private async Task FillAsync()
    {
        await _bucket.AddAsync(0, 8, series: 30);
        await _bucket.AddAsync(1, 9, series: 30, offset: 1);
    }
}
