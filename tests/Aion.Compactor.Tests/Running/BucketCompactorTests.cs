using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Compactor.Tests;

/// <summary>Blocks in, blocks out.</summary>
public sealed class BucketCompactorTests : IDisposable
{
    private readonly TestBucket _bucket = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _bucket.Dispose();

    [Fact]
    public async Task Overlapping_blocks_become_one_and_their_sources_are_marked()
    {
        BlockMeta first = await _bucket.AddAsync(0, 2), second = await _bucket.AddAsync(1, 3, series: 3);
        var before = await _bucket.SamplesAsync([first, second]);

        await _bucket.RunAsync();

        BlockMeta result = Assert.Single(await _bucket.LiveAsync());
        Assert.Equal("[0,3)", TestBucket.Draw([result]));
        Assert.Equal((2, BlockSource.Compactor, TestMetas.External), (result.Compaction.Level, result.Thanos.Source, result.Thanos.Labels));
        Assert.Equal(new[] { first.Id, second.Id }.Order(), result.Compaction.Sources);
        Assert.Equal([first.Id, second.Id], result.Compaction.Parents.Select(p => p.Id));
        Assert.True(_bucket.IsMarked(first.Id) && _bucket.IsMarked(second.Id));
        var after = await _bucket.SamplesAsync([result]);
        Assert.Equal(before.Keys.ToHashSet(), after.Keys.ToHashSet());
        Assert.All(after.Values, n => Assert.Equal(1, n));
        Assert.Equal("source of compacted block", await DetailsAsync(first.Id));
        Assert.Empty(Directory.EnumerateFiles(_bucket.DataDirectory, "index", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Days_of_blocks_grow_level_by_level_in_one_run()
    {
        for (var i = 0; i < 28; i++) await _bucket.AddAsync(i * 2, (i + 1) * 2, stepMs: 15 * 60_000);
        var before = await _bucket.SamplesAsync(await _bucket.LiveAsync());

        await _bucket.RunAsync();

        Assert.Equal("[0,48)[48,50)[50,52)[52,54)[54,56)", TestBucket.Draw(await _bucket.LiveAsync()));
        Assert.Equal(before, await _bucket.SamplesAsync(await _bucket.LiveAsync()));
        int count = _bucket.Memory.Keys.Count;
        await _bucket.RunAsync();
        Assert.Equal(count, _bucket.Memory.Keys.Count);
    }

    [Fact]
    public async Task Replicas_become_one_block_without_the_replica_label()
    {
        _bucket.Options = _bucket.Options with { ReplicaLabels = ["replica"] };
        await _bucket.AddAsync(0, 2, Labels.Of("cluster", "a", "replica", "0"));
        await _bucket.AddAsync(0, 2, Labels.Of("cluster", "a", "replica", "1"));

        await _bucket.RunAsync();

        Assert.Equal(TestMetas.External, Assert.Single(await _bucket.LiveAsync()).Thanos.Labels);
    }

    [Fact]
    public async Task A_group_that_fails_does_not_stop_the_others()
    {
        await _bucket.AddAsync(0, 2);
        BlockMeta gone = await _bucket.AddAsync(1, 3);
        await _bucket.AddAsync(0, 2, Labels.Of("cluster", "b"));
        await _bucket.AddAsync(1, 3, Labels.Of("cluster", "b"));
        _bucket.Faulty.FailWhen = (operation, key) => operation == "get" && key.StartsWith($"{gone.Id}/chunks", StringComparison.Ordinal);

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => _bucket.RunAsync());

        Assert.Contains("injected fault", error.Message, StringComparison.Ordinal);
        Assert.Equal("[0,2)[0,3)[1,3)", TestBucket.Draw(await _bucket.LiveAsync()));

        // What was fetched before is not fetched again.
        _bucket.Faulty.FailWhen = (_, _) => false;
        _bucket.Faulty.Calls.Clear();
        await _bucket.RunAsync();
        Assert.Equal("[0,3)[0,3)", TestBucket.Draw(await _bucket.LiveAsync()));
        Assert.Single(_bucket.Faulty.Calls, c => c.Operation == "get" && c.Key.Contains("/chunks/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_block_without_an_index_is_set_aside_and_the_others_are_merged()
    {
        await _bucket.AddAsync(0, 2);
        BlockMeta damaged = await _bucket.AddAsync(1, 3);
        await _bucket.AddAsync(1.5, 4);
        await _bucket.Memory.DeleteAsync(BlockLayout.IndexKey(damaged.Id), Token);
        CompactorService service = _bucket.New(null, out ComponentContext context);

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => service.RunOnceAsync(Token));

        Assert.Contains(damaged.Id.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Equal("[0,4)[1,3)", TestBucket.Draw(await _bucket.LiveAsync()));
        Assert.True(_bucket.IsMarked(damaged.Id, BlockLayout.NoCompactMarkFile));
        Assert.Contains("missing", System.Text.Encoding.UTF8.GetString(await _bucket.Memory.ReadAllAsync(Quarantine.KeyOfBlock(damaged.Id), 10_000, Token)), StringComparison.Ordinal);
        Assert.Equal(1, await ValueAsync(context, "aion_compact_quarantined_blocks_total"));
        // It is known now and no failure any more.
        await _bucket.RunAsync();
    }

    [Fact]
    public async Task The_successor_of_a_marked_block_with_the_same_sources_stays()
    {
        BlockMeta old = await _bucket.AddAsync(0, 2);
        await _bucket.AddAsync(0, 2 * TestBucket.Hour, Series(), edit: m => m with { Compaction = new BlockCompaction { Level = 2, Sources = old.Compaction.Sources } });
        await new BlockMarker(_bucket.Memory, _bucket.Time, _bucket.Logs.CreateLogger("x")).MarkForDeletionAsync(old.Id, "source of compacted block", Token);

        await _bucket.RunAsync();
        Assert.Equal(2, Assert.Single(await _bucket.LiveAsync()).Compaction.Level);

        _bucket.Time.Advance(TimeSpan.FromHours(49));
        await _bucket.RunAsync();
        Assert.Equal(2, Assert.Single(await _bucket.MetasAsync()).Compaction.Level);

        static SortedDictionary<Labels, SortedDictionary<long, double>> Series() => new() { [Labels.Of("__name__", "m")] = new() { [1000] = 1 } };
    }

    [Fact]
    public async Task A_block_that_does_not_pass_verification_is_not_used()
    {
        var work = new PlainBlockWork { Wrong = () => "it is wrong" };
        using var bucket = new TestBucket { Work = work };
        await bucket.AddAsync(0, 2);
        await bucket.AddAsync(1, 3);
        IReadOnlyList<string> before = bucket.Memory.Keys;

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => bucket.RunAsync());

        Assert.Contains("it is wrong", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, bucket.Memory.Keys);
    }

    [Fact]
    public async Task A_disk_without_room_fails_the_job_that_needs_it_and_no_other()
    {
        long free = 0;
        using var bucket = new TestBucket { Disk = new DiskBudget(() => free) };
        BlockMeta large = await bucket.AddAsync(0, 2, series: 50);
        await bucket.AddAsync(1, 3, series: 50);
        BlockMeta small = await bucket.AddAsync(0, 2, Labels.Of("cluster", "b"));
        await bucket.AddAsync(1, 3, Labels.Of("cluster", "b"));
        free = large.TotalBytes() * 2;
        Assert.True(small.TotalBytes() * 4 < free);

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => bucket.RunAsync());

        Assert.Contains("disk space", error.Message, StringComparison.Ordinal);
        Assert.Equal("[0,2)[0,3)[1,3)", TestBucket.Draw(await bucket.LiveAsync()));
    }

    [Fact]
    public async Task Empty_blocks_are_retired_without_a_successor()
    {
        BlockMeta first = await EmptyAsync(0, 2), second = await EmptyAsync(0, 2);

        await _bucket.RunAsync();

        Assert.True(_bucket.IsMarked(first.Id) && _bucket.IsMarked(second.Id));
        Assert.Equal(2, (await _bucket.MetasAsync()).Count);
    }

    [Fact]
    public async Task Who_asks_for_a_halt_gets_it_before_anything_is_touched()
    {
        _bucket.Options = _bucket.Options with { Halting = HaltMode.Exit };
        await _bucket.AddAsync(0, 2);
        await _bucket.AddAsync(1, 3);
        IReadOnlyList<string> before = _bucket.Memory.Keys;

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => _bucket.RunAsync());
        Assert.Contains("overlap", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, _bucket.Memory.Keys);

        _bucket.Options = _bucket.Options with { IsVertical = true };
        await _bucket.RunAsync();
        Assert.Single(await _bucket.LiveAsync());
    }

    [Fact]
    public async Task Marked_blocks_go_after_the_delay_and_broken_off_uploads_after_two_days()
    {
        BlockMeta first = await _bucket.AddAsync(0, 2);
        await _bucket.AddAsync(1, 3);
        var partial = BlockId.New(_bucket.Time);
        await _bucket.Memory.UploadAsync(BlockLayout.IndexKey(partial), "x"u8.ToArray(), Token);
        await _bucket.RunAsync();
        Assert.Equal(3, (await _bucket.MetasAsync()).Count);

        _bucket.Time.Advance(TimeSpan.FromHours(49));
        await _bucket.RunAsync();

        BlockMeta left = Assert.Single(await _bucket.MetasAsync());
        Assert.NotEqual(first.Id, left.Id);
        Assert.All(_bucket.Memory.Keys, k => Assert.StartsWith(left.Id.ToString(), k, StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_no_delay_the_run_deletes_what_it_replaced()
    {
        _bucket.Options = _bucket.Options with { Policy = _bucket.Options.Policy with { DeleteDelay = TimeSpan.Zero } };
        await _bucket.AddAsync(0, 2);
        await _bucket.AddAsync(1, 3);
        _bucket.Time.AutoAdvanceAmount = TimeSpan.FromSeconds(1);

        await _bucket.RunAsync();

        Assert.Single(await _bucket.MetasAsync());
    }

    [Fact]
    public async Task A_meta_that_can_not_be_read_keeps_its_block_and_is_no_partial_upload()
    {
        BlockMeta block = await _bucket.AddAsync(0, 2);
        await _bucket.Memory.UploadAsync(BlockLayout.MetaKey(block.Id), "{"u8.ToArray(), Token);
        _bucket.Time.Advance(TimeSpan.FromDays(30));

        await _bucket.RunAsync();

        Assert.Contains(BlockLayout.IndexKey(block.Id), _bucket.Memory.Keys);
    }

    [Fact]
    public async Task Long_blocks_are_downsampled_twice_and_raw_data_is_kept_until_then()
    {
        _bucket.Options = _bucket.Options with { Policy = _bucket.Options.Policy with { DownsamplingEnabled = true } };
        BlockMeta raw = await _bucket.AddAsync(0, 24 * 14, stepMs: 60 * 60_000);

        await _bucket.RunAsync();

        List<BlockMeta> live = await _bucket.LiveAsync();
        Assert.Equal([0, BlockResolution.FiveMinutes, BlockResolution.OneHour], live.Select(m => m.Thanos.ResolutionMs));
        Assert.All(live, m => Assert.Equal([raw.Id], m.Compaction.Sources));
        int count = _bucket.Memory.Keys.Count;
        await _bucket.RunAsync();
        Assert.Equal(count, _bucket.Memory.Keys.Count);
    }

    internal static async Task<double> ValueAsync(ComponentContext context, string series)
    {
        using var text = new MemoryStream();
        await context.Metrics.Registry.CollectAndExportAsTextAsync(text, Token);
        string line = System.Text.Encoding.UTF8.GetString(text.ToArray()).Split('\n').Single(l => l.StartsWith(series + " ", StringComparison.Ordinal));
        return double.Parse(line[(series.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<string> DetailsAsync(BlockId id) => BlockMarkJson.ParseDeletion(
        await _bucket.Memory.ReadAllAsync(BlockLayout.Key(id, BlockLayout.DeletionMarkFile), 10_000, Token), "test").Details;

    /// <summary>An index without series; Prometheus writes such blocks when everything in a head was deleted.</summary>
    private async Task<BlockMeta> EmptyAsync(double from, double to)
    {
        string folder = _bucket.NewFolder();
        using (var writer = new Tsdb.BlockWriter(folder))
        {
            writer.AddSymbol([]);
            writer.Complete();
        }

        BlockMeta meta = TestMetas.Meta(0, (long)(from * TestBucket.Hour), (long)(to * TestBucket.Hour)) with { Id = BlockId.New(_bucket.Time) };
        meta = meta with { Compaction = meta.Compaction with { Sources = [meta.Id] } };
        return await BlockUploader.UploadAsync(_bucket.Memory, folder, meta, new BlockUploadOptions(), _bucket.Time, Token);
    }
}
