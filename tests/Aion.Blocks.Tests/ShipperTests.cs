using System.Text;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace Aion.Blocks.Tests;

public sealed class ShipperTests : IDisposable
{
    private readonly TempDirectory _data = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
    private readonly InMemoryBucket _bucket;
    private readonly FaultyBucket _faulty;
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private Labels _labels = Labels.Of("cluster", "one", "replica", "a");

    public ShipperTests()
    {
        _bucket = new InMemoryBucket(_time);
        _faulty = new FaultyBucket(_bucket);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string StatePath => _data.Combine(ShipperState.DefaultFileName);

    [Fact]
    public async Task A_block_goes_up_with_everything_that_Thanos_writes()
    {
        BlockId id = AddBlock(1);

        Assert.Equal(1, await Shipper().SyncAsync(Cancellation));

        Assert.Equal([$"{id}/chunks/000001", $"{id}/chunks/000002", $"{id}/index", $"{id}/meta.json"], _bucket.Keys);
        Assert.Equal(
            [$"{id}/chunks/000001", $"{id}/chunks/000002", $"{id}/index", $"{id}/meta.json"],
            _faulty.Calls.Where(c => c.Operation == "upload").Select(c => c.Key));
        byte[] meta = await _bucket.ReadAllAsync(BlockLayout.MetaKey(id), 1 << 20, Cancellation);
        Assert.EndsWith(
            """
            	"version": 1,
            	"thanos": {
            		"version": 1,
            		"labels": {
            			"cluster": "one",
            			"replica": "a"
            		},
            		"downsample": {
            			"resolution": 0
            		},
            		"source": "sidecar",
            		"segment_files": [
            			"000001",
            			"000002"
            		],
            		"files": [
            			{
            				"rel_path": "chunks/000001",
            				"size_bytes": 8
            			},
            			{
            				"rel_path": "chunks/000002",
            				"size_bytes": 9
            			},
            			{
            				"rel_path": "index",
            				"size_bytes": 7
            			},
            			{
            				"rel_path": "meta.json"
            			}
            		],
            		"index_stats": {},
            		"upload_time": "2026-11-24T10:00:00Z"
            	}
            }

            """,
            Encoding.UTF8.GetString(meta),
            StringComparison.Ordinal);
        Assert.Equal([id], ShipperState.Read(StatePath, out _).Uploaded);
        Assert.False(Directory.Exists(_data.Combine("thanos", "upload")));
        Assert.DoesNotContain("thanos", await File.ReadAllTextAsync(_data.Combine(id.ToString(), "meta.json"), Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hashes_are_in_the_meta_when_asked_for()
    {
        BlockId id = AddBlock(1);

        await Shipper(o => o with { Upload = new BlockUploadOptions { Sha256 = true, Concurrency = 4 } }).SyncAsync(Cancellation);

        BlockMeta meta = await ReadAsync(id);
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("index-1"u8)),
            meta.Thanos.Files.Single(f => f.RelativePath == "index").Hash!.Value);
        Assert.Null(meta.Thanos.Files[^1].Hash);
    }

    [Fact]
    public async Task Oldest_first_and_each_once()
    {
        AddBlock(3, minTime: 300);
        AddBlock(1, minTime: 100);
        AddBlock(2, minTime: 200);

        await Shipper().SyncAsync(Cancellation);
        await Shipper().SyncAsync(Cancellation);

        Assert.Equal(
            new[] { 1, 2, 3 }.Select(i => BlockLayout.MetaKey(TestBlocks.Id(i))),
            _faulty.Calls.Where(c => c.Operation == "upload" && c.Key.EndsWith("meta.json", StringComparison.Ordinal)).Select(c => c.Key));
        Assert.Contains("thanos_shipper_uploads_total 3\n", await ExposeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_state_file_does_not_ship_again()
    {
        AddBlock(1);
        await Shipper().SyncAsync(Cancellation);
        File.Delete(StatePath);
        _faulty.Calls.Clear();

        Assert.Equal(0, await Shipper().SyncAsync(Cancellation));

        Assert.DoesNotContain(_faulty.Calls, c => c.Operation == "upload");
        Assert.Equal([TestBlocks.Id(1)], ShipperState.Read(StatePath, out _).Uploaded);
    }

    [Fact]
    public async Task A_known_block_costs_no_request_and_leaves_the_state_with_its_folder()
    {
        AddBlock(1);
        AddBlock(2);
        await Shipper().SyncAsync(Cancellation);
        Directory.Delete(_data.Combine(TestBlocks.Id(1).ToString()), recursive: true);
        _faulty.Calls.Clear();

        await Shipper().SyncAsync(Cancellation);

        Assert.Empty(_faulty.Calls);
        Assert.Equal([TestBlocks.Id(2)], ShipperState.Read(StatePath, out _).Uploaded);
    }

    [Fact]
    public async Task Empty_and_compacted_blocks_stay()
    {
        AddBlock(1, samples: 0);
        AddBlock(2, level: 2);

        await Shipper().SyncAsync(Cancellation);

        Assert.Empty(_bucket.Keys);
        Assert.Contains("thanos_shipper_upload_compacted_done 0\n", await ExposeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compacted_blocks_go_up_when_asked_for()
    {
        AddBlock(2, level: 2);

        await Shipper(o => o with { UploadCompacted = true }).SyncAsync(Cancellation);

        Assert.True(await _bucket.ExistsAsync(BlockLayout.MetaKey(TestBlocks.Id(2)), Cancellation));
        Assert.Contains("thanos_shipper_upload_compacted_done 1\n", await ExposeAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 0, true, true)]
    [InlineData(150, 0, true, true)]
    [InlineData(200, 0, true, false)]
    [InlineData(150, 300_000, true, false)]
    [InlineData(150, 0, false, false)]
    public async Task A_compacted_block_that_overlaps_its_like_is_refused(long minTime, long resolution, bool sameLabels, bool refused)
    {
        BlockMeta other = TestBlocks.Meta(9, 9) with { MinTimeMs = 50, MaxTimeMs = 200 };
        await _bucket.PutAsync(other with
        {
            Thanos = other.Thanos with { Labels = sameLabels ? _labels : Labels.Of("replica", "b"), ResolutionMs = resolution },
        });
        AddBlock(2, minTime: minTime, level: 2);
        Shipper shipper = Shipper(o => o with { UploadCompacted = true });

        if (refused)
        {
            var e = await Assert.ThrowsAsync<ShipperException>(() => shipper.SyncAsync(Cancellation));
            Assert.Contains(TestBlocks.Id(9).ToString(), e.Message, StringComparison.Ordinal);
            await Shipper(o => o with { UploadCompacted = true, AllowOutOfOrderUploads = true }).SyncAsync(Cancellation);
        }
        else
        {
            await shipper.SyncAsync(Cancellation);
        }

        Assert.True(await _bucket.ExistsAsync(BlockLayout.MetaKey(TestBlocks.Id(2)), Cancellation));
    }

    [Fact]
    public async Task The_folder_may_be_deleted_while_its_block_goes_up()
    {
        BlockId id = AddBlock(1);
        _faulty.Before = (operation, key) =>
        {
            if (operation == "upload" && key.EndsWith("000001", StringComparison.Ordinal)) Directory.Delete(_data.Combine(id.ToString()), recursive: true);
            return Task.CompletedTask;
        };

        Assert.Equal(1, await Shipper().SyncAsync(Cancellation));

        Assert.Equal("index-1"u8.ToArray(), await _bucket.ReadAllAsync(BlockLayout.IndexKey(id), 100, Cancellation));
        Assert.Equal(4, _bucket.Keys.Count);
    }

    [Fact]
    public async Task A_failure_keeps_the_order()
    {
        AddBlock(1, minTime: 100);
        AddBlock(2, minTime: 200);
        AddBlock(3, minTime: 300);
        _faulty.FailWhen = (operation, key) => operation == "upload" && key.StartsWith(TestBlocks.Id(2).ToString(), StringComparison.Ordinal);

        await Assert.ThrowsAsync<ShipperException>(() => Shipper().SyncAsync(Cancellation));

        Assert.False(await _bucket.ExistsAsync(BlockLayout.MetaKey(TestBlocks.Id(3)), Cancellation));
        Assert.Equal([TestBlocks.Id(1)], ShipperState.Read(StatePath, out _).Uploaded);
        string metrics = await ExposeAsync();
        Assert.Contains("thanos_shipper_dir_sync_failures_total 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("thanos_shipper_upload_failures_total 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Out_of_order_uploads_go_on_after_a_failure_and_report_it()
    {
        AddBlock(1, minTime: 100);
        AddBlock(2, minTime: 200);
        _faulty.FailWhen = (operation, key) => operation == "upload" && key.StartsWith(TestBlocks.Id(1).ToString(), StringComparison.Ordinal);

        var e = await Assert.ThrowsAsync<ShipperException>(() => Shipper(o => o with { AllowOutOfOrderUploads = true }).SyncAsync(Cancellation));

        Assert.Contains(TestBlocks.Id(1).ToString(), e.Message, StringComparison.Ordinal);
        Assert.True(await _bucket.ExistsAsync(BlockLayout.MetaKey(TestBlocks.Id(2)), Cancellation));
        Assert.Equal([TestBlocks.Id(2)], ShipperState.Read(StatePath, out _).Uploaded);
    }

    [Fact]
    public async Task A_corrupted_block_stops_the_sync_unless_skipped()
    {
        AddBlock(1, minTime: 100);
        AddBlock(2, minTime: 200);
        File.WriteAllText(_data.Combine(TestBlocks.Id(1).ToString(), "meta.json"), "{");

        await Assert.ThrowsAsync<ShipperException>(() => Shipper().SyncAsync(Cancellation));
        Assert.Empty(_bucket.Keys);

        await Assert.ThrowsAsync<ShipperException>(() => Shipper(o => o with { SkipCorruptedBlocks = true }).SyncAsync(Cancellation));
        Assert.True(await _bucket.ExistsAsync(BlockLayout.MetaKey(TestBlocks.Id(2)), Cancellation));
        Assert.Contains("thanos_shipper_corrupted_blocks_total 2\n", await ExposeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_external_labels_nothing_is_shipped()
    {
        AddBlock(1);
        _labels = Labels.Empty;

        var e = await Assert.ThrowsAsync<ShipperException>(() => Shipper().SyncAsync(Cancellation));

        Assert.Contains("external labels", e.Message, StringComparison.Ordinal);
        Assert.Empty(_bucket.Keys);
    }

    [Fact]
    public async Task A_missing_data_folder_is_named()
    {
        var shipper = new Shipper(
            _faulty, new ShipperOptions { DataDirectory = _data.Combine("nope"), Source = BlockSource.Sidecar },
            () => _labels, new ShipperMetrics(Metrics.WithCustomRegistry(_registry)), _time, NullLogger.Instance);

        var e = await Assert.ThrowsAsync<ShipperException>(() => shipper.SyncAsync(Cancellation));

        Assert.Contains("opening tsdb directory", e.Message, StringComparison.Ordinal);
        Assert.Contains("nope", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Whichever request is the last one before the process dies, a new process finishes the work with the same result.</summary>
    [Fact]
    public async Task A_crash_at_any_request_loses_and_doubles_nothing()
    {
        for (var i = 1; i <= 3; i++) AddBlock(i, minTime: i * 100);
        await new Shipper(
            new InMemoryBucket(_time), Options(), () => _labels, new ShipperMetrics(Metrics.WithCustomRegistry(_registry)), _time, NullLogger.Instance).SyncAsync(Cancellation);
        File.Delete(StatePath);
        const int Requests = 3 * 5;
        for (var crashAt = 1; crashAt <= Requests; crashAt++)
        {
            foreach (bool answered in (bool[])[false, true])
            {
                File.Delete(StatePath);
                var bucket = new InMemoryBucket(_time);
                var dying = new FaultyBucket(bucket);
                var seen = 0;
                if (answered) dying.FailAfter = (_, _) => dying.Calls.Count >= crashAt;
                dying.FailWhen = (_, _) => ++seen >= crashAt + (answered ? 1 : 0);
                await Assert.ThrowsAsync<ShipperException>(() => ShipTo(dying));
                AssertWhole(bucket);
                // What a process that died, instead of failing, would leave behind as well.
                Directory.CreateDirectory(_data.Combine("thanos", "upload", TestBlocks.Id(2).ToString(), "chunks"));

                var fresh = new FaultyBucket(bucket);
                var before = bucket.Keys.Count(k => k.EndsWith("meta.json", StringComparison.Ordinal));
                Assert.Equal(3 - before, await ShipTo(fresh));

                AssertWhole(bucket);
                Assert.Equal(12, bucket.Keys.Count);
                Assert.Equal(3, ShipperState.Read(StatePath, out _).Uploaded.Count);
            }
        }
    }

    public void Dispose() => _data.Dispose();

    private static void AssertWhole(InMemoryBucket bucket)
    {
        foreach (string meta in bucket.Keys.Where(k => k.EndsWith("meta.json", StringComparison.Ordinal)))
        {
            string id = meta[..26];
            Assert.Equal([$"{id}/chunks/000001", $"{id}/chunks/000002", $"{id}/index", meta], bucket.Keys.Where(k => k.StartsWith(id, StringComparison.Ordinal)));
        }
    }

    private Task<int> ShipTo(IBucket bucket) => new Shipper(
        bucket, Options(), () => _labels, new ShipperMetrics(Metrics.WithCustomRegistry(_registry)), _time, NullLogger.Instance).SyncAsync(Cancellation);

    private ShipperOptions Options() => new() { DataDirectory = _data.Path, Source = BlockSource.Sidecar };

    private Shipper Shipper(Func<ShipperOptions, ShipperOptions>? change = null) => new(
        _faulty, (change ?? (o => o))(Options()), () => _labels, new ShipperMetrics(Metrics.WithCustomRegistry(_registry)), _time, NullLogger.Instance);

    private BlockId AddBlock(int number, long minTime = 0, ulong samples = 10, int level = 1)
    {
        BlockId id = TestBlocks.Id(number);
        string folder = _data.Combine(id.ToString());
        Directory.CreateDirectory(Path.Combine(folder, "chunks"));
        File.WriteAllText(Path.Combine(folder, "chunks", "000001"), $"chunks-{number}");
        File.WriteAllText(Path.Combine(folder, "chunks", "000002"), $"chunks--{number}");
        File.WriteAllText(Path.Combine(folder, "index"), $"index-{number}");
        File.WriteAllText(Path.Combine(folder, "tombstones"), "t");
        File.WriteAllText(
            Path.Combine(folder, "meta.json"),
            $$"""{"ulid":"{{id}}","minTime":{{minTime}},"maxTime":{{minTime + 100}},"stats":{"numSamples":{{samples}}},"compaction":{"level":{{level}},"sources":["{{id}}"]},"version":1}""");
        return id;
    }

    private async Task<BlockMeta> ReadAsync(BlockId id) =>
        BlockMetaReader.Parse(await _bucket.ReadAllAsync(BlockLayout.MetaKey(id), 1 << 20, Cancellation), "test");

    private async Task<string> ExposeAsync()
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, Cancellation);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
