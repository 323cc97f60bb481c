using System.Globalization;
using System.Text;
using Aion.Model;
using Aion.Testing;

namespace Aion.Tsdb.Tests;

public sealed class IndexWriterTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(5_000)]
    [InlineData(40_000)]
    public void Postings_that_do_not_fit_in_memory_make_the_same_index(long postingsBytes)
    {
        using var temp = new TempDirectory();
        string whole = Write(temp.Combine("whole"), IndexWriter.DefaultPostingsBytes);

        string spilled = Write(temp.Combine("spilled"), postingsBytes);

        Assert.Equal(File.ReadAllBytes(whole), File.ReadAllBytes(spilled));
        Assert.Equal(["spilled", "whole"], Directory.EnumerateFileSystemEntries(temp.Path).Select(p => Path.GetFileName(p)).Order());
        using IndexReader reader = IndexReader.Open(spilled);
        Assert.Equal(900, reader.Select([]).Length);
        Assert.Equal(30, reader.Select([LabelMatcher.Equal("shard", "07")]).Length);
    }

    [Fact]
    public void References_that_lead_to_no_symbol_are_refused()
    {
        using var temp = new TempDirectory();
        using IndexWriter writer = IndexWriter.Create(temp.Combine("index"));
        writer.AddSymbol("a"u8);

        Assert.Throws<InvalidOperationException>(() => writer.AddSeries([new LabelRef(0, 1)], [new ChunkMeta(0, 1, 8)]));
        writer.AddSeries([new LabelRef(0, 0)], [new ChunkMeta(0, 1, 8)]);
        Assert.Throws<InvalidOperationException>(() => writer.AddSeries([new LabelRef(0, 0)], [new ChunkMeta(0, 1, 9)]));
    }

    private static string Write(string path, long postingsBytes)
    {
        using IndexWriter writer = IndexWriter.Create(path, postingsBytes);
        Labels[] series = [.. Enumerable.Range(0, 900).Select(i => Labels.Of(
            "__name__", "m", "shard", (i % 30).ToString("D2", CultureInfo.InvariantCulture), "id", $"{i}")).Order()];
        foreach (string symbol in series.SelectMany(s => s.Pairs()).SelectMany(p => (string[])[p.Key, p.Value]).Distinct().Order(StringComparer.Ordinal))
            writer.AddSymbol(Encoding.UTF8.GetBytes(symbol));
        for (var i = 0; i < series.Length; i++) writer.AddSeries(series[i], [new ChunkMeta(i, i + 10, (ulong)(8 + i * 50))]);
        writer.Complete();
        return path;
    }
}
