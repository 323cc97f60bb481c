using System.Text;
using System.Text.Json;
using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Compactor.Tests;

/// <summary>
/// A bucket with an overlapping group, a block with chunks out of order, a block with a flipped byte, a block without an index and a good
/// group, worked on with the real merge.
/// </summary>
public sealed class BadBucketTests : IDisposable
{
    private readonly TestBucket _bucket = new() { Work = new BlockWork() };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _bucket.Dispose();

    [Fact]
    public async Task Good_groups_are_done_what_can_be_merged_is_merged_and_the_rest_is_quarantined()
    {
        (List<BlockMeta> whole, BlockMeta flipped, BlockMeta headless) = await FillAsync();
        var before = await _bucket.SamplesAsync(whole);
        CompactorService service = _bucket.New(null, out ComponentContext context);

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => service.RunOnceAsync(Token));

        List<BlockMeta> live = await _bucket.LiveAsync();
        foreach (string cluster in new[] { "overlap", "disorder", "good", "flip" })
        {
            BlockMeta result = Assert.Single(live, m => m.Thanos.Labels == Labels.Of("cluster", cluster) && m.Compaction.Level == 2);
            Assert.Equal(BlockSource.Compactor, result.Thanos.Source);
        }

        // Every sample of the blocks that are whole is there, once.
        var after = await _bucket.SamplesAsync(live.Where(m => m.Id != headless.Id && !m.Thanos.Labels.Equals(Labels.Of("cluster", "flip"))));
        Assert.Equal(before.Keys.ToHashSet(), after.Keys.ToHashSet());
        Assert.All(after.Values, n => Assert.Equal(1, n));

        // The chunk with the flipped byte is kept as it was found, with its series.
        BlockMeta merged = live.Single(m => m.Thanos.Labels == Labels.Of("cluster", "flip"));
        string record = Encoding.UTF8.GetString(await _bucket.Memory.ReadAllAsync(Quarantine.KeyOf(merged.Id), 1 << 20, Token));
        JsonElement line = JsonDocument.Parse(Assert.Single(record.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement;
        Assert.Equal((flipped.Id.ToString(), "Corrupt", "m"),
            (line.GetProperty("block").GetString(), line.GetProperty("kind").GetString(), line.GetProperty("series").GetProperty("__name__").GetString()));
        Assert.NotEmpty(line.GetProperty("bytes").GetBytesFromBase64());

        // The block without an index is set aside as a whole and nothing of it is gone.
        Assert.True(_bucket.IsMarked(headless.Id, BlockLayout.NoCompactMarkFile));
        Assert.Contains(BlockLayout.ChunksKey(headless.Id, 1), _bucket.Memory.Keys);
        Assert.Contains(Quarantine.KeyOfBlock(headless.Id), _bucket.Memory.Keys);

        Assert.Contains(headless.Id.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains(Quarantine.KeyOf(merged.Id), error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await BucketCompactorTests.ValueAsync(context, "aion_compact_quarantined_blocks_total"));
        Assert.Equal(1, await BucketCompactorTests.ValueAsync(context, "aion_compact_repairs_total{kind=\"Corrupt\"}"));
        Assert.Equal(1, await BucketCompactorTests.ValueAsync(context, "aion_compact_repairs_total{kind=\"OutOfOrder\"}"));
        Assert.Equal(0, await BucketCompactorTests.ValueAsync(context, "thanos_compact_halted"));

        // All of it is dealt with: the next run has nothing to say.
        await _bucket.RunAsync();
    }

    [Fact]
    public async Task Blocks_of_which_only_damage_is_left_are_not_deleted()
    {
        var metas = new List<BlockMeta>();
        for (var i = 0; i < 2; i++)
        {
            // A meta without statistics says nothing of samples.
            BlockMeta meta = await _bucket.AddAsync(
                i * TestBucket.Hour, (i + 2) * TestBucket.Hour, new() { [Labels.Of("__name__", "m")] = new() { [i * TestBucket.Hour] = 1, [(i * TestBucket.Hour) + 1000] = 2 } },
                edit: m => m with { Stats = new() });
            byte[] chunks = await _bucket.Memory.ReadAllAsync(BlockLayout.ChunksKey(meta.Id, 1), 1 << 20, Token);
            chunks[^6] ^= 0x40;
            await _bucket.Memory.UploadAsync(BlockLayout.ChunksKey(meta.Id, 1), chunks, Token);
            metas.Add(meta);
        }

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => _bucket.RunAsync());

        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
        Assert.All(metas, m => Assert.False(_bucket.IsMarked(m.Id)));
        // One of the two is set aside, the other is alone then: the next run meets nothing of it any more.
        Assert.Single(metas, m => _bucket.IsMarked(m.Id, BlockLayout.NoCompactMarkFile));
        await _bucket.RunAsync();
    }

    [Fact]
    public async Task Who_asks_for_it_has_blocks_with_chunks_out_of_order_left_alone()
    {
        _bucket.Options = _bucket.Options with { SkipsOutOfOrderBlocks = true };
        BlockMeta disorder = await DisorderAsync(0, 2, Labels.Of("cluster", "disorder"));
        await _bucket.AddAsync(1, 3, Labels.Of("cluster", "disorder"));

        await _bucket.RunAsync();

        NoCompactMark mark = BlockMarkJson.ParseNoCompact(await _bucket.Memory.ReadAllAsync(BlockLayout.Key(disorder.Id, BlockLayout.NoCompactMarkFile), 10_000, Token), "test");
        Assert.Equal(NoCompactReason.OutOfOrderChunk, mark.Reason);
        Assert.Equal(2, (await _bucket.LiveAsync()).Count);
    }

    [Fact]
    public async Task Who_asks_for_a_halt_is_halted_by_damage()
    {
        _bucket.Options = _bucket.Options with { Halting = HaltMode.Exit, IsVertical = true };
        await DisorderAsync(0, 2, Labels.Of("cluster", "disorder"));
        await _bucket.AddAsync(1, 3, Labels.Of("cluster", "disorder"));
        IReadOnlyList<string> before = _bucket.Memory.Keys;
        CompactorService service = _bucket.New(null, out ComponentContext context);

        await Assert.ThrowsAsync<ComponentException>(() => service.RunOnceAsync(Token));

        Assert.Equal(before, _bucket.Memory.Keys);
        Assert.Equal(1, await BucketCompactorTests.ValueAsync(context, "thanos_compact_halted"));
    }

    private async Task<(List<BlockMeta> Whole, BlockMeta Flipped, BlockMeta Headless)> FillAsync()
    {
        var whole = new List<BlockMeta>
        {
            await _bucket.AddAsync(0, 2, Labels.Of("cluster", "overlap")),
            await _bucket.AddAsync(1, 3, Labels.Of("cluster", "overlap"), series: 3),
            await DisorderAsync(0, 2, Labels.Of("cluster", "disorder")),
            await _bucket.AddAsync(1, 3, Labels.Of("cluster", "disorder")),
        };
        for (var i = 0; i < 5; i++) whole.Add(await _bucket.AddAsync(i * 2, (i + 1) * 2, Labels.Of("cluster", "good")));

        BlockMeta flipped = await _bucket.AddAsync(0, 2, Labels.Of("cluster", "flip"), series: 1);
        await _bucket.AddAsync(1, 3, Labels.Of("cluster", "flip"), series: 1);
        byte[] chunks = await _bucket.Memory.ReadAllAsync(BlockLayout.ChunksKey(flipped.Id, 1), int.MaxValue, Token);
        chunks[40] ^= 0x10;
        await _bucket.Memory.UploadAsync(BlockLayout.ChunksKey(flipped.Id, 1), chunks, Token);

        whole.Add(await _bucket.AddAsync(0, 2, Labels.Of("cluster", "headless")));
        BlockMeta headless = await _bucket.AddAsync(1, 3, Labels.Of("cluster", "headless"));
        await _bucket.Memory.DeleteAsync(BlockLayout.IndexKey(headless.Id), Token);
        return (whole, flipped, headless);
    }

    private async Task<BlockMeta> DisorderAsync(double from, double to, Labels external)
    {
        string folder = _bucket.NewFolder();
        MergeResult written = DisorderedBlock.Write(folder, (long)(from * TestBucket.Hour));
        BlockId id = BlockId.New(_bucket.Time);
        var meta = new BlockMeta
        {
            Id = id,
            MinTimeMs = (long)(from * TestBucket.Hour),
            MaxTimeMs = (long)(to * TestBucket.Hour),
            Stats = written.Stats,
            Compaction = new BlockCompaction { Level = 1, Sources = [id] },
            Thanos = new ThanosMeta { Version = 1, Labels = external, Source = BlockSource.Sidecar },
        };
        return await BlockUploader.UploadAsync(_bucket.Memory, folder, meta, new BlockUploadOptions(), _bucket.Time, Token);
    }
}
