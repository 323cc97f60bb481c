using Aion.Model;
using Aion.Storage;
using FsCheck.Xunit;

namespace Aion.Sidecar.Tests;

public sealed class LabelMergeSorterTests
{
    private static readonly Labels External = Labels.Of("c", "1", "e", "1");

    /// <summary>
    /// Small label sets over few names and values meet all cases: prefixes, stored labels with another value or the same one. The order
    /// is that of a sort of the whole; what a stream can't show is announced, as the metadata does.
    /// </summary>
    [Property(MaxTest = 1000)]
    public bool The_order_is_that_of_sorting_everything(byte[][] sets, bool dropB, bool dropE)
    {
        string[] without = [.. dropB ? (string[])["b"] : [], .. dropE ? (string[])["e"] : []];
        var builder = new LabelsBuilder();
        List<Labels> stored = [.. sets.Select(Make).Where(l => !l.IsEmpty).Distinct().Order()];
        using var sorter = new LabelMergeSorter(External, without, null);
        if (stored.Exists(l => External.Pairs().Any(p => l.GetValueOrNull(p.Key) == p.Value) || without.Any(w => l.GetValueOrNull(w) is not null))) sorter.HoldAll();
        var output = new List<ChunkSeries>();

        foreach (Labels labels in stored) sorter.Add(new ChunkSeries(ExternalLabels.Merge(External, labels, [], builder), []), output);
        sorter.Complete(output);

        var expected = stored.Select(l => ExternalLabels.Merge(l, External, without, builder)).Order();
        return output.Select(s => s.Labels).SequenceEqual(expected);
    }

    [Fact]
    public void In_the_plain_case_all_but_the_last_are_given_out_at_once()
    {
        using var sorter = new LabelMergeSorter(External, ["e"], null);
        var output = new List<ChunkSeries>();

        for (var i = 0; i < 10; i++) sorter.Add(new ChunkSeries(Labels.Of("a", $"{i}", "c", "1", "e", "1"), []), output);

        Assert.Equal(9, output.Count);
    }

    [Fact]
    public void The_parts_of_a_series_stay_in_order()
    {
        using var sorter = new LabelMergeSorter(External, [], null);
        var output = new List<ChunkSeries>();
        SeriesChunk Chunk(long time) => new(time, time, default);

        sorter.Add(new ChunkSeries(Labels.Of("a", "1"), [Chunk(1)]), output);
        sorter.Add(new ChunkSeries(Labels.Of("a", "1"), [Chunk(2)]), output);
        sorter.Add(new ChunkSeries(Labels.Of("a", "1", "b", "1"), [Chunk(3)]), output);
        sorter.Complete(output);

        Assert.Equal([3L, 1, 2], output.Select(s => s.Chunks[0].MinTimeMs));
    }

    [Fact]
    public void A_stored_external_label_that_nothing_announced_fails_rather_than_break_the_order()
    {
        using var sorter = new LabelMergeSorter(Labels.Of("cluster", "one"), [], null);
        var output = new List<ChunkSeries>();

        sorter.Add(new ChunkSeries(Labels.Of("a", "1", "cluster", "one", "job", "e"), []), output);
        sorter.Add(new ChunkSeries(Labels.Of("a", "1", "cluster", "one", "job", "g"), []), output);
        sorter.Add(new ChunkSeries(Labels.Of("a", "1", "cluster", "one", "job", "d"), []), output);

        Assert.Equal(StoreErrorKind.Unavailable, Assert.Throws<StoreException>(() => sorter.Complete(output)).Kind);
    }

    private static Labels Make(byte[] bytes)
    {
        var builder = new LabelsBuilder();
        foreach (byte b in bytes) builder.Set(((char)('a' + (b & 7) % 6)).ToString(), (b >> 3 & 1) == 0 ? "1" : "2");
        return builder.ToLabels();
    }
}
