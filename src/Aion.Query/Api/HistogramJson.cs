using Aion.Model;

namespace Aion.Query;

/// <summary>Writes a native histogram as the API shows it: its populated buckets with their bounds.</summary>
internal static class HistogramJson
{
    public static void Write(JsonBuffer json, FloatHistogram histogram)
    {
        json.Raw("{\"count\":"u8);
        json.Sample(histogram.Count);
        json.Raw(",\"sum\":"u8);
        json.Sample(histogram.Sum);
        var any = false;
        foreach (HistogramBucket bucket in histogram.EnumerateAll())
        {
            if (bucket.Count == 0) continue;
            json.Raw(any ? ",["u8 : ",\"buckets\":[["u8);
            any = true;
            Write(json, bucket);
        }

        json.Raw(any ? "]}"u8 : "}"u8);
    }

    private static void Write(JsonBuffer json, in HistogramBucket bucket)
    {
        // Which ends belong to the bucket: 0 the upper, 1 the lower, 2 neither, 3 both.
        int ends = bucket.LowerInclusive ? (bucket.UpperInclusive ? 3 : 1) : bucket.UpperInclusive ? 0 : 2;
        json.Raw((byte)('0' + ends));
        json.Raw((byte)',');
        json.Sample(bucket.Lower);
        json.Raw((byte)',');
        json.Sample(bucket.Upper);
        json.Raw((byte)',');
        json.Sample(bucket.Count);
        json.Raw((byte)']');
    }
}
