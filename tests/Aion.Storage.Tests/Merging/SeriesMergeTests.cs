using Aion.Model;
using FsCheck.Xunit;

namespace Aion.Storage.Tests;

public sealed class SeriesMergeTests
{
    [Fact]
    public async Task A_series_of_two_sources_comes_once_with_the_chunks_of_both()
    {
        List<ChunkSeries> merged = await MergeAsync([[Series("a", 20)], [Series("a", 10), Series("b", 10)]]);

        Assert.Equal([Series("a", 10).Labels, Series("b", 10).Labels], merged.Select(s => s.Labels));
        Assert.Equal([10L, 20], merged[0].Chunks.Select(c => c.MinTimeMs));
    }

    [Fact]
    public async Task Equal_chunks_come_once() => Assert.Single((await MergeAsync([[Series("a", 10)], [Series("a", 10)]]))[0].Chunks);

    [Fact]
    public async Task A_series_that_spans_frames_of_one_source_is_joined()
    {
        IAsyncEnumerable<SeriesFrame> source = Stream([SeriesFrame.Of([Series("a", 10)]), SeriesFrame.Of([Series("a", 20), Series("b", 10)])]);

        List<ChunkSeries> merged = await CollectAsync([source]);

        Assert.Equal([2, 1], merged.Select(s => s.Chunks.Count));
    }

    [Fact]
    public async Task Warnings_pass()
    {
        var warnings = new List<string>();
        await foreach (SeriesFrame frame in SeriesMerge.MergeAsync(
            [Stream([SeriesFrame.Warning("early"), SeriesFrame.Of([Series("a", 1)]), SeriesFrame.Warning("late")])], CancellationToken.None))
            warnings.AddRange(frame.Warnings);

        Assert.Equal(["early", "late"], warnings);
    }

    [Property]
    public bool Merge_is_associative_and_sorted(List<byte> a, List<byte> b, List<byte> c)
    {
        IReadOnlyList<ChunkSeries>[] sources = [Sorted(a), Sorted(b), Sorted(c)];
        List<ChunkSeries> flat = MergeAsync(sources).GetAwaiter().GetResult();
        List<ChunkSeries> nested = MergeAsync([MergeAsync(sources[..2]).GetAwaiter().GetResult(), sources[2]]).GetAwaiter().GetResult();

        return Describe(flat).SequenceEqual(Describe(nested))
            && flat.Zip(flat.Skip(1)).All(pair => pair.First.Labels < pair.Second.Labels);
    }

    private static IEnumerable<string> Describe(IEnumerable<ChunkSeries> series) =>
        series.Select(s => $"{s.Labels}: {string.Join(',', s.Chunks.Select(c => c.MinTimeMs))}");

    /// <summary>One series a letter, with one chunk a byte.</summary>
    private static List<ChunkSeries> Sorted(List<byte> bytes) =>
        [.. bytes.Distinct().Order().Select(x => Series($"{(char)('a' + x % 7)}", x)).OrderBy(s => s.Labels)];

    private static ChunkSeries Series(string name, long time) =>
        new(Labels.Of("__name__", name), [new SeriesChunk(time, time + 5, new Chunk(ChunkEncoding.Xor, new byte[] { (byte)time, 1 }))]);

    private static Task<List<ChunkSeries>> MergeAsync(IEnumerable<IReadOnlyList<ChunkSeries>> sources) =>
        CollectAsync([.. sources.Select(s => Stream([SeriesFrame.Of(s)]))]);

    private static async Task<List<ChunkSeries>> CollectAsync(IReadOnlyList<IAsyncEnumerable<SeriesFrame>> sources)
    {
        var merged = new List<ChunkSeries>();
        await foreach (SeriesFrame frame in SeriesMerge.MergeAsync(sources, CancellationToken.None)) merged.AddRange(frame.Series);
        return merged;
    }

    private static IAsyncEnumerable<SeriesFrame> Stream(IEnumerable<SeriesFrame> frames) => frames.ToAsyncEnumerable();
}
