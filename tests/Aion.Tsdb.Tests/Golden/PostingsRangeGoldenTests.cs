using System.Text.Json;

namespace Aion.Tsdb.Tests;

/// <summary>Ranges of postings lists are those that Thanos' index-header gives, sampled every 32nd value.</summary>
public sealed class PostingsRangeGoldenTests
{
    [Theory]
    [InlineData("block-mixed")]
    [InlineData("many-values")]
    public void Ranges_of_values_are_the_recorded_ones(string name)
    {
        string indexPath = name == "many-values" ? GoldenFiles.Path("index-header/many-values.index") : Path.Combine(GoldenFiles.BlockIn(name), "index");
        using var index = IndexReader.Open(indexPath);
        var seen = 0;
        foreach (JsonElement line in GoldenFiles.Lines($"index-header/{name}.facts.jsonl"))
        {
            switch (line.GetProperty("kind").GetString())
            {
                case "postings_offsets":
                    string[] values = [.. line.GetProperty("values").EnumerateArray().Select(v => v.GetString()!)];
                    PostingsRange[] expected = [.. line.GetProperty("ranges").EnumerateArray().Select(Range)];
                    // For a name that is not there the recording has no ranges at all.
                    if (expected.Length == 0) expected = [.. values.Select(_ => PostingsRange.NotFound)];
                    Assert.Equal(expected, values.Select(v => index.Postings.Find(line.GetProperty("name").GetString()!, v)));
                    seen++;
                    break;
                case "postings_offset":
                    PostingsRange found = index.Postings.Find(line.GetProperty("name").GetString()!, line.GetProperty("value").GetString()!);
                    Assert.Equal(line.TryGetProperty("range", out JsonElement range) ? Range(range) : PostingsRange.NotFound, found);
                    seen++;
                    break;
                case "label_names":
                    Assert.Equal(line.GetProperty("names").EnumerateArray().Select(n => n.GetString()!), index.Postings.LabelNames);
                    break;
                default:
                    break;
            }
        }

        Assert.True(seen > 10, $"{seen}");
    }

    private static PostingsRange Range(JsonElement range) => new(range[0].GetInt64(), range[1].GetInt64());
}
