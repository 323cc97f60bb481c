using System.Globalization;
using System.Text.Json;
using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb.Tests;

/// <summary>One recorded sample: a float, an integer histogram or a float histogram.</summary>
internal sealed record GoldenSample(long TimeMs, long StartMs, double Value, Histogram? Integer, FloatHistogram? Float)
{
    public static GoldenSample Parse(JsonElement json)
    {
        long time = json.GetProperty("t").GetInt64();
        long start = json.TryGetProperty("st", out JsonElement st) ? st.GetInt64() : 0;
        if (json.TryGetProperty("h", out JsonElement h)) return new GoldenSample(time, start, 0, ParseInteger(h), null);
        if (json.TryGetProperty("fh", out JsonElement fh)) return new GoldenSample(time, start, 0, null, ParseFloat(fh));
        return new GoldenSample(time, start, Number(json, "v", "bits"), null, null);
    }

    /// <summary>Everything in one line, doubles by their bits.</summary>
    public override string ToString() => SampleText.Of(TimeMs, StartMs, Value, Integer?.ToFloat() ?? Float);

    private static double Number(JsonElement json, string name, string bitsName) => json.TryGetProperty(bitsName, out JsonElement bits)
        ? BitConverter.UInt64BitsToDouble(ulong.Parse(bits.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture))
        : Number(json.GetProperty(name).GetString()!);

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => BitConverter.Int64BitsToDouble(0x7FF8000000000001),
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static Histogram ParseInteger(JsonElement h) => new()
    {
        CounterResetHint = Hint(h),
        Schema = h.GetProperty("schema").GetInt32(),
        ZeroThreshold = Number(h, "zeroThreshold", "zeroThresholdBits"),
        ZeroCount = h.GetProperty("zeroCount").GetUInt64(),
        Count = h.GetProperty("count").GetUInt64(),
        Sum = Number(h, "sum", "sumBits"),
        PositiveSpans = Spans(h, "positiveSpans"),
        NegativeSpans = Spans(h, "negativeSpans"),
        PositiveBuckets = [.. Items(h, "positiveBuckets").Select(b => b.GetInt64())],
        NegativeBuckets = [.. Items(h, "negativeBuckets").Select(b => b.GetInt64())],
        CustomValues = Doubles(h, "customValues"),
    };

    private static FloatHistogram ParseFloat(JsonElement h) => new()
    {
        CounterResetHint = Hint(h),
        Schema = h.GetProperty("schema").GetInt32(),
        ZeroThreshold = Number(h, "zeroThreshold", "zeroThresholdBits"),
        ZeroCount = Number(h, "zeroCount", "zeroCountBits"),
        Count = Number(h, "count", "countBits"),
        Sum = Number(h, "sum", "sumBits"),
        PositiveSpans = Spans(h, "positiveSpans"),
        NegativeSpans = Spans(h, "negativeSpans"),
        PositiveBuckets = Doubles(h, "positiveBuckets"),
        NegativeBuckets = Doubles(h, "negativeBuckets"),
        CustomValues = Doubles(h, "customValues"),
    };

    private static CounterResetHint Hint(JsonElement h) => h.GetProperty("counterResetHint").GetString() switch
    {
        "unknown" => CounterResetHint.Unknown,
        "reset" => CounterResetHint.Reset,
        "not_reset" => CounterResetHint.NotReset,
        "gauge" => CounterResetHint.Gauge,
        var other => throw new FormatException($"hint {other}"),
    };

    private static BucketSpan[] Spans(JsonElement h, string name) =>
        [.. Items(h, name).Select(s => new BucketSpan(s[0].GetInt32(), s[1].GetUInt32()))];

    private static double[] Doubles(JsonElement h, string name) => [.. Items(h, name).Select(v => Number(v.GetString()!))];

    private static IEnumerable<JsonElement> Items(JsonElement h, string name) =>
        h.TryGetProperty(name, out JsonElement items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : [];
}

internal sealed record GoldenChunk(
    ulong Ref, int Segment, long Offset, long MinTimeMs, long MaxTimeMs, ChunkEncoding Encoding, int SampleCount, string? ResetHeader,
    byte[]? Bytes, IReadOnlyList<GoldenSample> Samples, JsonElement Aggregates)
{
    public Chunk Chunk => new(Encoding, Bytes);

    public static GoldenChunk Parse(JsonElement json) => new(
        json.GetProperty("ref").GetUInt64(),
        json.TryGetProperty("segment", out JsonElement segment) ? segment.GetInt32() : 0,
        json.TryGetProperty("offset", out JsonElement offset) ? offset.GetInt64() : 0,
        json.GetProperty("minTime").GetInt64(),
        json.GetProperty("maxTime").GetInt64(),
        (ChunkEncoding)json.GetProperty("encoding").GetByte(),
        json.GetProperty("numSamples").GetInt32(),
        json.TryGetProperty("counterResetHeader", out JsonElement header) ? header.GetString() : null,
        json.TryGetProperty("bytes", out JsonElement bytes) ? bytes.GetBytesFromBase64() : null,
        json.TryGetProperty("samples", out JsonElement samples) ? [.. samples.EnumerateArray().Select(GoldenSample.Parse)] : [],
        json.TryGetProperty("aggregates", out JsonElement aggregates) ? aggregates.Clone() : default);
}

/// <summary>One line of a recorded series file.</summary>
internal sealed record GoldenSeries(int Index, ulong Ref, Labels Labels, IReadOnlyList<GoldenChunk> Chunks)
{
    public static IReadOnlyList<GoldenSeries> ReadAll(string path) => [.. File.ReadLines(path).Select(Parse)];

    public static Labels ParseLabels(JsonElement labels) => Labels.From(
        labels.EnumerateArray().Select(l => new KeyValuePair<string, string>(l[0].GetString()!, l[1].GetString()!)));

    private static GoldenSeries Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        JsonElement json = document.RootElement;
        return new GoldenSeries(
            json.GetProperty("i").GetInt32(),
            json.GetProperty("ref").GetUInt64(),
            ParseLabels(json.GetProperty("labels")),
            [.. json.GetProperty("chunks").EnumerateArray().Select(GoldenChunk.Parse)]);
    }
}
