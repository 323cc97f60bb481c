using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.Compactor.Tests;

public sealed class BlockVerificationTests
{
    [Fact]
    public async Task A_block_that_holds_what_its_sources_hold_passes() => await VerifyAsync();

    [Fact]
    public async Task A_flipped_byte_in_a_chunk_is_found() => await FailsAsync("checksum", change: directory =>
    {
        string path = Path.Combine(directory, "chunks", "000001");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^9] ^= 1;
        File.WriteAllBytes(path, bytes);
    });

    [Fact]
    public async Task A_flipped_byte_in_the_index_is_found() => await FailsAsync("checksum", change: directory =>
    {
        string path = Path.Combine(directory, "index");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[60] ^= 1;
        File.WriteAllBytes(path, bytes);
    });

    [Fact]
    public async Task A_missing_segment_is_found() =>
        await FailsAsync("segment 1 of 0", change: directory => File.Delete(Path.Combine(directory, "chunks", "000001")));

    [Fact]
    public async Task Other_totals_than_the_meta_has_are_found() =>
        await FailsAsync("the meta says", meta: m => m with { Stats = m.Stats with { Samples = m.Stats.Samples + 1 } });

    [Fact]
    public async Task Chunks_outside_the_times_of_the_meta_are_found() =>
        await FailsAsync("not inside", meta: m => m with { MaxTimeMs = m.MaxTimeMs - 400 });

    [Fact]
    public async Task A_sample_that_no_source_has_is_found() => await FailsAsync("in no source", foreign: true);

    private static async Task FailsAsync(
        string reason, Action<string>? change = null, Func<BlockMeta, BlockMeta>? meta = null, bool foreign = false)
    {
        VerificationFailedException error = await Assert.ThrowsAsync<VerificationFailedException>(() => VerifyAsync(change, meta, foreign));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static async Task VerifyAsync(Action<string>? change = null, Func<BlockMeta, BlockMeta>? meta = null, bool foreign = false)
    {
        using var temp = new TempDirectory();
        using SourceBlock first = Write(temp, "a", 0, 500, 1), second = Write(temp, "b", 500, 1000, 1), other = Write(temp, "c", 500, 1000, 2);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string made = temp.Combine("made");
        MergeResult result = await BlockMerge.RunAsync([first, foreign ? other : second], new MergeOptions(), made, new RepairList(), cancel);
        change?.Invoke(made);
        BlockMeta merged = CompactedMeta.Merged(BlockId.New(TimeProvider.System), [first.Meta, second.Meta], result);

        await BlockVerification.RunAsync(made, meta?.Invoke(merged) ?? merged, [first, second], MergeFunction.Chain, 10, new KnownRepairs(), cancel);
    }

    private static SourceBlock Write(TempDirectory temp, string name, long fromMs, long toMs, double factor)
    {
        var builder = new SampleBlockBuilder();
        for (var s = 0; s < 3; s++)
        {
            var samples = new SampleBuffer();
            for (long t = fromMs; t < toMs; t += 5) samples.Add(t, t * factor);
            builder.Add(Labels.Of("__name__", "m", "s", $"{s}"), samples);
        }

        builder.Write(temp.Combine(name));
        return SourceBlock.Open(TestSources.MetaOf(BlockId.New(TimeProvider.System), fromMs, toMs), temp.Combine(name));
    }
}
