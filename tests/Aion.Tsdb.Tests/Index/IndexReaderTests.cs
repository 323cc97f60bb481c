using Aion.Model;
using Aion.Testing;
using FsCheck.Xunit;

namespace Aion.Tsdb.Tests;

public sealed class IndexReaderTests
{
    [Fact]
    public void A_version_1_index_is_read_by_offsets()
    {
        using var temp = new TempDirectory();
        File.WriteAllBytes(temp.Combine("index"), OldIndex.Build(
            (["__name__", "a", "job", "x"], 10, 20), (["__name__", "a", "job", "y"], 10, 20), (["__name__", "b", "job", "x"], 30, 40)));

        using var index = IndexReader.Open(temp.Combine("index"));

        Assert.Equal(1, index.Version);
        Assert.Equal(["__name__", "job"], index.LabelNames([]));
        Assert.Equal(["x", "y"], index.LabelValues("job", []));
        Assert.Equal(["{__name__=\"a\", job=\"x\"}", "{__name__=\"b\", job=\"x\"}"], LabelsOf(index, LabelMatcher.Equal("job", "x")));
        Assert.Equal(["{__name__=\"a\", job=\"y\"}"], LabelsOf(index, new LabelMatcher(Model.MatchType.NotEqual, "job", "x")));
        Assert.Equal(["b"], index.LabelValues("__name__", [LabelMatcher.Equal("__name__", "b")]));
        Assert.True(index.Symbols.TryFind("job"u8, out uint reference));
        Assert.Equal("job"u8, index.Symbols.Lookup(reference));
    }

    [Fact]
    public void Series_keep_only_chunks_that_overlap_the_range()
    {
        using var temp = new TempDirectory();
        using (IndexWriter writer = IndexWriter.Create(temp.Combine("index")))
        {
            foreach (string symbol in (string[])["", "a", "b"]) writer.AddSymbol(System.Text.Encoding.UTF8.GetBytes(symbol));
            writer.AddSeries(Labels.Of("a", "b"), [new(-50, -10, 8), new(0, 10, 40), new(20, 30, 70)]);
            writer.Complete();
        }

        using var index = IndexReader.Open(temp.Combine("index"));
        var entry = new SeriesEntry();
        uint id = Assert.Single(index.Select([]));

        index.ReadSeries(id, entry, -10, 19);
        Assert.Equal([new ChunkMeta(-50, -10, 8), new ChunkMeta(0, 10, 40)], entry.Chunks);
        index.ReadSeries(id, entry, 11, 20);
        Assert.Equal([new ChunkMeta(20, 30, 70)], entry.Chunks);
        index.ReadSeries(id, entry, 31, 100);
        Assert.Empty(entry.Chunks);
    }

    [Fact]
    public void Many_values_are_found_between_the_sampled_ones()
    {
        using var temp = new TempDirectory();
        string[] values = [.. Enumerable.Range(0, 1000).Select(i => $"v{i:D4}")];
        using (IndexWriter writer = IndexWriter.Create(temp.Combine("index")))
        {
            foreach (string symbol in (string[])["", "id", .. values]) writer.AddSymbol(System.Text.Encoding.UTF8.GetBytes(symbol));
            foreach (string value in values) writer.AddSeries(Labels.Of("id", value), []);
            writer.Complete();
        }

        using var index = IndexReader.Open(temp.Combine("index"));

        for (var i = 0; i < values.Length; i++) Assert.Equal(1, index.Postings.Find("id", values[i]).Cardinality);
        Assert.False(index.Postings.Find("id", "v0999x").IsFound);
        Assert.False(index.Postings.Find("id", "a").IsFound);
        Assert.False(index.Postings.Find("other", "v0001").IsFound);
        Assert.Equal(1000, index.Postings.All.Cardinality);
        PostingsPlan plan = PostingsPlan.Of([new LabelMatcher(Model.MatchType.Regex, "id", "v0998|v0003|v0003|nope")], index.Postings);
        Assert.Equal(["v0003", "v0998"], plan.Entries.Select(e => System.Text.Encoding.UTF8.GetString(e.Value.Span)));
    }

    [Property(MaxTest = 50)]
    public void What_the_writer_wrote_is_read_and_selected_as_by_a_naive_scan(int seed)
    {
        var random = new Random(seed);
        using var temp = new TempDirectory();
        Labels[] series = [.. Enumerable.Range(0, random.Next(1, 80)).Select(_ => RandomLabels(random)).Distinct().Order()];
        string[] texts = [.. series.SelectMany(l => l.Pairs()).SelectMany(p => (string[])[p.Key, p.Value]).Append("").Distinct()];
        using (IndexWriter writer = IndexWriter.Create(temp.Combine("index")))
        {
            foreach (byte[] symbol in texts.Select(System.Text.Encoding.UTF8.GetBytes).Order(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))))
                writer.AddSymbol(symbol);
            foreach (Labels labels in series) writer.AddSeries(labels, []);
            writer.Complete();
        }

        using var index = IndexReader.Open(temp.Combine("index"));

        for (var i = 0; i < 20; i++)
        {
            LabelMatcher[] matchers = [.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomMatcher(random))];
            Labels[] expected = [.. series.Where(l => matchers.All(m => m.Matches(l)))];
            Assert.Equal(expected.Select(l => l.ToString()), LabelsOf(index, matchers));
            Assert.Equal(
                expected.Select(l => l.GetValueOrNull("b")).OfType<string>().Distinct().Order(StringComparer.Ordinal), index.LabelValues("b", matchers));
            Assert.Equal(
                expected.SelectMany(l => l.Pairs()).Select(p => p.Key).Distinct().Order(StringComparer.Ordinal), index.LabelNames(matchers));
        }
    }

    [Property(MaxTest = 300)]
    public void Tombstones_are_read_back(ulong[] ids, long[] times)
    {
        TimeRange[] ranges = [.. times.Zip(times.Skip(1)).Where((_, i) => i % 2 == 0).Select(t => new TimeRange(Math.Min(t.First, t.Second), Math.Max(t.First, t.Second)))];
        var tombstones = Tombstones.Of(ids.Distinct().Select(id => new KeyValuePair<ulong, IReadOnlyList<TimeRange>>(id, ranges)));

        var read = Tombstones.Parse(tombstones.ToBytes());

        foreach (ulong id in ids)
        {
            Assert.Equal(tombstones.Of(id).ToArray(), read.Of(id).ToArray());
            foreach (long time in times) Assert.Equal(ranges.Any(r => r.Overlaps(time, time)), read.Of(id).ToArray().Any(r => r.Overlaps(time, time)));
        }
    }

    [Property(MaxTest = 1000)]
    public void Sections_of_any_bytes_with_a_right_checksum_parse_or_are_corrupt(byte[] random, byte count, bool old)
    {
        byte[] section = OldIndex.Section([0, 0, 0, count, .. random]);
        Harmless(() =>
        {
            var symbols = SymbolTable.Parse(section, old ? 1 : 2, 5);
            foreach (ReadOnlySpan<byte> symbol in symbols) symbols.TryFind(symbol, out _);
            for (uint i = 0; i < 300; i++) Harmless(() => symbols.Lookup(i).ToArray());
        });
        Harmless(() => Walk(section, old));
        Harmless(() => PostingsList.ParseSection(section));
        Harmless(() => PostingsList.Parse(random));
        Harmless(() => new SeriesEntry().Decode(random, long.MinValue, long.MaxValue));
        Harmless(() => SeriesEntry.TryGetBody(random, out _, out _));
        Harmless(() => ChunkRecord.TryRead(random, out _, out _));
        Harmless(() => Tombstones.Parse(random));
        Harmless(() => IndexToc.Parse(random));
    }

    [Property(MaxTest = 500)]
    public void Tables_with_strange_entries_parse_or_are_corrupt(int seed)
    {
        var random = new Random(seed);
        var body = new List<byte> { 0, 0, 0, (byte)random.Next(6) };
        for (var i = 0; i < 6; i++)
        {
            body.Add(2);
            body.AddRange([1, (byte)('a' + i / 2 + (random.Next(10) == 0 ? -1 : 0)), 1, (byte)('a' + i), (byte)(5 + i * random.Next(40) & 0x7F)]);
        }

        byte[] section = OldIndex.Section([.. body]);

        Harmless(() => Walk(section, old: false));
        Harmless(() => Walk(section, old: true));
    }

    [Property(MaxTest = 300)]
    public void A_damaged_index_is_read_or_is_corrupt(int seed)
    {
        var random = new Random(seed);
        using var temp = new TempDirectory();
        byte[] bytes = OldIndex.Build((["__name__", "a", "job", "x"], 10, 20), (["__name__", "b", "job", "x"], 30, 40));
        if (random.Next(2) == 0) bytes[4] = (byte)random.Next(5);
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        File.WriteAllBytes(temp.Combine("index"), bytes[..random.Next(bytes.Length - 5, bytes.Length + 1)]);

        Harmless(() =>
        {
            using var index = IndexReader.Open(temp.Combine("index"));
            LabelsOf(index, new LabelMatcher(Model.MatchType.Regex, "job", ".+"));
        });
    }

    private static Labels RandomLabels(Random random) => Labels.From(
        Enumerable.Range(0, random.Next(1, 4)).Select(_ => new KeyValuePair<string, string>(RandomName(random), RandomValue(random) + "x")));

    private static LabelMatcher RandomMatcher(Random random)
    {
        string[] patterns = [".*", ".+", "", "1x|2x", "1.*", ".*[3-6]x", "(1x|)"];
        var type = (Model.MatchType)random.Next(4);
        string value = type is Model.MatchType.Regex or Model.MatchType.NotRegex
            ? patterns[random.Next(patterns.Length)]
            : random.Next(4) == 0 ? "" : RandomValue(random) + "x";
        return new LabelMatcher(type, RandomName(random), value);
    }

    private static string RandomName(Random random) => ((string[])["a", "b", "c", "é"])[random.Next(4)];

    private static string RandomValue(Random random) => random.Next(12).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void Walk(byte[] section, bool old)
    {
        var table = PostingsOffsetTable.Parse(section, old ? 1 : 2, 1000);
        foreach (string name in table.LabelNames)
        {
            PostingsOffsetTable.Cursor cursor = table.Entries(name);
            while (cursor.MoveNext())
            {
                ReadOnlyMemory<byte> value = cursor.Value;
                PostingsRange range = cursor.Range;
                Assert.Equal(range, table.Find(name, value.Span));
            }
        }
    }

    private static void Harmless(Action parse)
    {
        try
        {
            parse();
        }
        catch (TsdbCorruptionException e)
        {
            Assert.NotEmpty(e.Reason);
        }
    }

    private static List<string> LabelsOf(IndexReader index, params LabelMatcher[] matchers)
    {
        var entry = new SeriesEntry();
        var labels = new List<string>();
        foreach (uint id in index.Select(matchers))
        {
            index.ReadSeries(id, entry, long.MinValue, long.MaxValue);
            labels.Add(index.LabelsOf(entry, new LabelsBuilder()).ToString());
        }

        return labels;
    }
}
