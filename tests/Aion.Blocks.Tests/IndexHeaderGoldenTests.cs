using System.Text;
using System.Text.Json;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.Blocks.Tests;

/// <summary>Index-headers against those that Thanos built from the same indexes.</summary>
public sealed class IndexHeaderGoldenTests
{
    private const int Sampling = 32;

    [Theory]
    [InlineData("block-mixed")]
    [InlineData("many-values")]
    public async Task The_file_is_the_one_that_Thanos_builds(string name)
    {
        var bucket = new InMemoryBucket(TimeProvider.System);
        BlockId id = BlockId.New(TimeProvider.System);
        await bucket.UploadAsync(BlockLayout.IndexKey(id), await File.ReadAllBytesAsync(IndexOf(name)), CancellationToken.None);

        byte[] built = await IndexHeaderFile.BuildAsync(bucket, id, 0, CancellationToken.None);

        Assert.Equal(await File.ReadAllBytesAsync(HeaderOf(name)), built);
    }

    [Theory]
    [InlineData("block-mixed", Sampling)]
    [InlineData("block-mixed", 1)]
    [InlineData("many-values", Sampling)]
    [InlineData("many-values", 100_000)]
    public void Names_values_symbols_and_lists_of_a_file_that_Thanos_built_are_found(string name, int sampling)
    {
        using IndexHeaderReader reader = IndexHeaderReader.Open(HeaderOf(name), sampling);
        foreach (string line in File.ReadLines(SharedFolder.Require("golden", "tsdb", "index-header", name + ".facts.jsonl")))
        {
            JsonElement fact = JsonDocument.Parse(line).RootElement;
            AssertFact(reader, fact);
        }
    }

    private static void AssertFact(IndexHeaderReader reader, JsonElement fact)
    {
        string kind = Text(fact, "kind");
        switch (kind)
        {
            case "index_version":
                Assert.Equal(fact.GetProperty("value").GetInt32(), reader.IndexVersion);
                break;
            case "label_names":
                Assert.Equal(Texts(fact, "names"), reader.Postings.LabelNames);
                break;
            case "symbols":
                IReadOnlyList<string> symbols = Texts(fact, "symbols");
                for (var i = 0; i < symbols.Count; i++) Assert.Equal(symbols[i], Encoding.UTF8.GetString(reader.Symbols.Lookup((uint)i)));
                break;
            case "symbol_error":
                Assert.Throws<TsdbCorruptionException>(() => reader.Symbols.Lookup(fact.GetProperty("ref").GetUInt32()));
                break;
            case "label_values":
                AssertValues(reader, fact);
                break;
            case "postings_offsets":
                IReadOnlyList<string> values = Texts(fact, "values");
                for (var i = 0; i < values.Count; i++) AssertRange(reader, Text(fact, "name"), values[i], fact.GetProperty("ranges") is { } ranges && i < ranges.GetArrayLength() ? ranges[i] : null);
                break;
            case "postings_offset":
                AssertRange(reader, Text(fact, "name"), Text(fact, "value"), fact.TryGetProperty("range", out JsonElement range) ? range : null);
                break;
            default:
                Assert.Equal("file", kind);
                break;
        }
    }

    private static void AssertValues(IndexHeaderReader reader, JsonElement fact)
    {
        var found = new List<string>();
        PostingsOffsetTable.Cursor cursor = reader.Postings.Entries(Text(fact, "name"));
        while (cursor.MoveNext()) found.Add(Encoding.UTF8.GetString(cursor.Value.Span));
        Assert.Equal(fact.TryGetProperty("count", out JsonElement count) ? count.GetInt32() : 0, found.Count);
        if (fact.TryGetProperty("values", out JsonElement values) && values.ValueKind == JsonValueKind.Array) Assert.Equal(Texts(fact, "values"), found);
    }

    private static void AssertRange(IndexHeaderReader reader, string name, string value, JsonElement? range)
    {
        PostingsRange expected = range is { } r ? new PostingsRange(r[0].GetInt64(), r[1].GetInt64()) : PostingsRange.NotFound;
        Assert.Equal(expected, reader.Postings.Find(name, value));
    }

    private static string HeaderOf(string name) => SharedFolder.Require("golden", "tsdb", "index-header", name + ".index-header");

    private static string IndexOf(string name) => name == "block-mixed"
        ? Path.Combine(Directory.GetDirectories(SharedFolder.Require("golden", "tsdb", name)).Single(), "index")
        : SharedFolder.Require("golden", "tsdb", "index-header", name + ".index");

    private static string Text(JsonElement fact, string field) => fact.GetProperty(field).GetString()!;

    private static IReadOnlyList<string> Texts(JsonElement fact, string field) => [.. fact.GetProperty(field).EnumerateArray().Select(v => v.GetString()!)];
}
