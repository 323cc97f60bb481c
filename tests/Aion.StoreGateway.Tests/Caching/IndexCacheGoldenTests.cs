using System.Globalization;
using System.Text;
using System.Text.Json;
using Aion.Model;
using Aion.Testing;
using MatchType = Aion.Model.MatchType;

namespace Aion.StoreGateway.Tests;

/// <summary>Keys and values of a shared index cache, against those that Thanos's code makes.</summary>
public sealed class IndexCacheGoldenTests
{
    [Fact]
    public void Keys_are_those_of_Thanos()
    {
        foreach (JsonElement line in Lines("postings_key"))
            Assert.Equal(Text(line, "key"), SharedCacheKeys.Postings(Block(line), Text(line, "name"), Encoding.UTF8.GetBytes(Text(line, "value"))));
        foreach (JsonElement line in Lines("series_key"))
            Assert.Equal(Text(line, "key"), SharedCacheKeys.Series(Block(line), ulong.Parse(Text(line, "series_ref"), CultureInfo.InvariantCulture)));
        foreach (JsonElement line in Lines("expanded_postings_key"))
        {
            LabelMatcher[] matchers = [.. line.GetProperty("matchers").EnumerateArray().Select(Matcher)];
            Assert.Equal(Text(line, "hashed_text"), SharedCacheKeys.TextOf(matchers));
            Assert.Equal(Text(line, "key"), SharedCacheKeys.ExpandedPostings(Block(line), SharedCacheKeys.TextOf(matchers)));
        }
    }

    [Fact]
    public void Lists_that_Thanos_wrote_are_read_in_both_forms()
    {
        foreach (JsonElement line in Lines("postings_value"))
        {
            ulong[] postings = Postings(line);
            Assert.Equal(postings, PostingsCodec.Decode<ulong>(Convert.FromBase64String(Text(line, "streamed_dss"))));
            Assert.Equal(postings, PostingsCodec.Decode<ulong>(Convert.FromBase64String(Text(line, "block_dvs"))));
        }

        foreach (JsonElement line in Lines("postings_value_large"))
        {
            ulong[] postings = PostingsCodec.Decode<ulong>(Convert.FromBase64String(Text(line, "streamed_dss")));
            Assert.Equal(line.GetProperty("count").GetInt32(), postings.Length);
            Assert.Equal(Text(line, "first"), postings[0].ToString(CultureInfo.InvariantCulture));
            Assert.Equal(Text(line, "last"), postings[^1].ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Differences_are_written_byte_for_byte_and_read_back()
    {
        foreach (JsonElement line in Lines("postings_value"))
        {
            ulong[] postings = Postings(line);
            var differences = new byte[postings.Length * 10];
            int length = PostingsCodec.WriteDifferences<ulong>(postings, differences);
            Assert.Equal(Text(line, "varint_differences"), Convert.ToBase64String(differences, 0, length));
            Assert.Equal(postings, PostingsCodec.Decode<ulong>(PostingsCodec.Encode<ulong>(postings)));
        }
    }

    [Fact]
    public void Damaged_values_are_refused_where_Thanos_refuses_them()
    {
        foreach (JsonElement line in Lines("postings_decode"))
        {
            byte[] value = Convert.FromBase64String(Text(line, "bytes"));
            if (line.GetProperty("error").ValueKind == JsonValueKind.Null)
                Assert.Equal(line.GetProperty("count").GetInt32(), PostingsCodec.Decode<ulong>(value).Length);
            else
                Assert.Throws<FormatException>(() => PostingsCodec.Decode<ulong>(value));
        }

        Assert.Throws<FormatException>(() => PostingsCodec.Encode<uint>([5, 3]));
    }

    [Fact]
    public void Any_cut_and_any_changed_byte_of_a_value_is_an_error_or_another_list_never_a_crash()
    {
        byte[] value = PostingsCodec.Encode<uint>([.. Enumerable.Range(0, 40_000).Select(i => (uint)(i * 7 + i % 3))]);
        for (var i = 0; i < value.Length; i += 97)
        {
            byte[] changed = [.. value];
            changed[i] ^= 0x55;
            AssertReadOrRefused(changed);
            AssertReadOrRefused(value[..i]);
        }
    }

    private static void AssertReadOrRefused(byte[] value)
    {
        try
        {
            Assert.InRange(PostingsCodec.Decode<uint>(value).Length, 0, 40_000);
        }
        catch (FormatException e)
        {
            Assert.NotEmpty(e.Message);
        }
    }

    private static IEnumerable<JsonElement> Lines(string kind) =>
        File.ReadLines(SharedFolder.Require("golden", "write", "index-cache.jsonl"))
            .Select(l => JsonDocument.Parse(l).RootElement)
            .Where(l => l.GetProperty("kind").GetString() == kind);

    private static string Text(JsonElement line, string field) => line.GetProperty(field).GetString()!;

    private static BlockId Block(JsonElement line) => BlockId.TryParse(Text(line, "block"), out BlockId id) ? id : throw new FormatException("block");

    private static ulong[] Postings(JsonElement line) =>
        [.. line.GetProperty("postings").EnumerateArray().Select(p => ulong.Parse(p.GetString()!, CultureInfo.InvariantCulture))];

    private static LabelMatcher Matcher(JsonElement triple) => new(
        triple[1].GetString() switch
        {
            "=" => MatchType.Equal,
            "!=" => MatchType.NotEqual,
            "=~" => MatchType.Regex,
            _ => MatchType.NotRegex,
        },
        triple[0].GetString()!, triple[2].GetString()!);
}
