using System.Text;
using FsCheck;
using FsCheck.Xunit;

namespace Aion.Model.Tests;

public sealed class LabelsTests
{
    [Fact]
    public void Pairs_come_back_sorted_by_the_bytes_of_the_name()
    {
        var labels = Labels.Of("zone", "a", "__name__", "up", "job", "x");

        Assert.Equal("""{__name__="up", job="x", zone="a"}""", labels.ToString());
        Assert.Equal("x", labels.GetValueOrNull("job"));
        Assert.Null(labels.GetValueOrNull("absent"));
    }

    [Fact]
    public void A_long_value_keeps_its_length()
    {
        var value = new string('v', 70_000);

        var labels = Labels.Of("a", value, "b", "2");

        Assert.Equal(value, labels.GetValueOrNull("a"));
        Assert.Equal("2", labels.GetValueOrNull("b"));
    }

    [Fact]
    public void An_empty_value_is_an_absent_label() => Assert.True(Labels.Of("a", "").IsEmpty);

    [Fact]
    public void Stable_hash_is_the_one_that_groups_blocks()
    {
        Assert.Equal(17241709254077376921UL, Labels.Empty.StableHash());
        Assert.Equal(2124638872457683483UL, Labels.Of("foo", "bar", "foo1", "bar2").StableHash());
    }

    [Theory]
    [InlineData("a", "1", "a", "1", 0)]
    [InlineData("a", "1", "a", "2", -1)]
    [InlineData("a", "10", "a", "9", -1)]
    [InlineData("a", "1", "b", "1", -1)]
    [InlineData("a", "long value", "b", "x", -1)]
    public void Order_is_name_then_value(string name1, string value1, string name2, string value2, int expected) =>
        Assert.Equal(expected, Math.Sign(Labels.Of(name1, value1).CompareTo(Labels.Of(name2, value2))));

    [Fact]
    public void A_prefix_sorts_first() => Assert.True(Labels.Of("a", "1") < Labels.Of("a", "1", "b", "1"));

    [Property]
    public bool Order_equals_the_pairwise_order_of_bytes(Dictionary<NonEmptyString, NonEmptyString> left, Dictionary<NonEmptyString, NonEmptyString> right)
    {
        Labels a = Make(left), b = Make(right);

        return Math.Sign(a.CompareTo(b)) == Math.Sign(NaiveCompare(a, b)) && (a.CompareTo(b) == 0) == a.Equals(b);
    }

    private static Labels Make(Dictionary<NonEmptyString, NonEmptyString> pairs) =>
        Labels.From(pairs.Select(p => KeyValuePair.Create(p.Key.Get, p.Value.Get)));

    private static int NaiveCompare(Labels a, Labels b)
    {
        var left = a.Pairs().ToList();
        var right = b.Pairs().ToList();
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            int order = Bytes(left[i].Key).AsSpan().SequenceCompareTo(Bytes(right[i].Key));
            if (order == 0) order = Bytes(left[i].Value).AsSpan().SequenceCompareTo(Bytes(right[i].Value));
            if (order != 0) return order;
        }

        return left.Count - right.Count;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void Hash_and_text_are_those_of_the_recordings()
    {
        GoldenLines.AssertAll(GoldenLines.OfKind("labels", "write", "hashes.jsonl"), line =>
        {
            string[] names = [.. line.GetProperty("labels").EnumerateArray().Select(pair => pair[0].GetString()!)];
            // Sets that are out of order or name a label twice are no label sets here.
            if (names.Zip(names.Skip(1)).Any(pair => Utf8Text.CompareByBytes(pair.First, pair.Second) >= 0)) return null;
            var builder = new LabelsBuilder();
            foreach (var pair in line.GetProperty("labels").EnumerateArray()) builder.Add(pair[0].GetString()!, pair[1].GetString()!);
            ulong hash = builder.ToLabels().StableHash();
            return hash.ToString(System.Globalization.CultureInfo.InvariantCulture) == line.Text("stable_hash") ? null : $"{hash}";
        });
        GoldenLines.AssertAll(GoldenLines.OfKind("labels_text", "write", "parse.jsonl"), line =>
        {
            string[] words = [.. line.GetProperty("labels").EnumerateArray().Select(word => word.GetString()!)];
            var builder = new LabelsBuilder();
            for (var i = 0; i < words.Length; i += 2) builder.Add(words[i], words[i + 1]);
            string text = builder.ToLabels().ToString();
            return text == line.Text("value") ? null : text;
        });
        GoldenLines.AssertAll(GoldenLines.OfKind("name_validity", "write", "parse.jsonl"), line =>
        {
            string name = Encoding.UTF8.GetString(line.GetProperty("base64").GetBytesFromBase64());
            (bool label, bool metric) = (LabelNames.IsLegacyName(name), LabelNames.IsLegacyMetricName(name));
            return label == line.GetProperty("label_legacy").GetBoolean() && metric == line.GetProperty("metric_legacy").GetBoolean() ? null : $"{label} {metric}";
        });
    }
}
