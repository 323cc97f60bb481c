using Aion.Model;

namespace Aion.Storage.Tests;

public sealed class ChunkDedupTests
{
    private static readonly Labels Name = Labels.Of("a", "1");

    [Fact]
    public void Identical_chunks_stay_once_and_are_sorted()
    {
        ChunkSeries combined = ChunkDedup.Combine(
            [new ChunkSeries(Name, [Raw(20, 30, 3), Raw(0, 10, 1)]), new ChunkSeries(Name, [Raw(0, 10, 1), Raw(0, 5, 2), Raw(0, 10, 0)])]);

        Assert.Equal([(0, 5, 2), (0, 10, 0), (0, 10, 1), (20, 30, 3)],
            combined.Chunks.Select(c => (c.MinTimeMs, c.MaxTimeMs, (int)c.Raw.Data.Span[0])));
    }

    [Fact]
    public void A_given_hash_counts_and_a_missing_one_is_computed()
    {
        var computed = new Chunk(ChunkEncoding.Xor, new byte[] { 7 });
        var given = computed with { Hash = System.IO.Hashing.XxHash64.HashToUInt64([7]) };
        var liar = new Chunk(ChunkEncoding.Xor, new byte[] { 8 }, given.Hash);

        ChunkSeries combined = ChunkDedup.Combine(
            [new ChunkSeries(Name, [new SeriesChunk(0, 1, computed), new SeriesChunk(0, 1, given), new SeriesChunk(0, 1, liar)])]);

        Assert.Single(combined.Chunks);
    }

    [Fact]
    public void An_aggregate_chunk_stays_when_any_part_is_new()
    {
        SeriesChunk a = Aggregate(count: 1, max: 2), sameCount = Aggregate(count: 1, max: 3), copy = Aggregate(count: 1, max: 2);

        ChunkSeries combined = ChunkDedup.Combine([new ChunkSeries(Name, [a, sameCount])]);
        ChunkSeries repeated = ChunkDedup.Combine([new ChunkSeries(Name, [a, copy, copy])]);

        Assert.Equal(2, combined.Chunks.Count);
        // As upstream: the second copy is told apart by its max, the third has nothing new left.
        Assert.Equal(2, repeated.Chunks.Count);
    }

    [Fact]
    public void One_ordered_stretch_is_passed_on_as_it_is()
    {
        var series = new ChunkSeries(Name, [Raw(0, 10, 1), Raw(11, 20, 1)]);

        Assert.Same(series, ChunkDedup.Combine([series]));
    }

    private static SeriesChunk Raw(long min, long max, byte content) => new(min, max, Chunk(content));

    private static SeriesChunk Aggregate(byte count, byte max) =>
        new(0, 10, default, new AggregateChunks(Chunk(count), default, default, Chunk(max), default));

    private static Chunk Chunk(byte content) => new(ChunkEncoding.Xor, new[] { content });
}
