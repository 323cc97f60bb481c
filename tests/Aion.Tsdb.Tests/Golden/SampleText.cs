using System.Globalization;
using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb.Tests;

/// <summary>Samples as text with every bit in it, so that a wrong one shows in the assertion.</summary>
internal static class SampleText
{
    public static string Of(long timeMs, long startMs, double value, FloatHistogram? histogram) =>
        string.Create(CultureInfo.InvariantCulture, $"{timeMs} st={startMs} {(histogram is null ? Of(value) : Of(histogram))}");

    public static string Of(double value) =>
        string.Create(CultureInfo.InvariantCulture, $"{value:R}/{BitConverter.DoubleToInt64Bits(value):x}");

    public static string Of(FloatHistogram h) => string.Create(
        CultureInfo.InvariantCulture,
        $"{h.CounterResetHint} s={h.Schema} zt={Of(h.ZeroThreshold)} z={Of(h.ZeroCount)} c={Of(h.Count)} sum={Of(h.Sum)} +[{Of(h.PositiveSpans)}|{Of(h.PositiveBuckets)}] -[{Of(h.NegativeSpans)}|{Of(h.NegativeBuckets)}] le=[{Of(h.CustomValues)}]");

    public static IReadOnlyList<string> Of(SampleBuffer buffer)
    {
        var lines = new List<string>();
        for (var i = 0; i < buffer.Count; i++)
        {
            lines.Add(Of(
                buffer.Times[i],
                buffer.HasStartTimes ? buffer.StartTimes[i] : 0,
                buffer.Values[i],
                buffer.HasHistograms ? buffer.Histograms[i] : null));
        }

        return lines;
    }

    public static IReadOnlyList<string> Of(IEnumerable<GoldenSample> samples) => [.. samples.Select(s => s.ToString())];

    private static string Of(double[] values) => string.Join(',', values.Select(Of));

    private static string Of(BucketSpan[] spans) => string.Join(',', spans.Select(s => $"{s.Offset}:{s.Length}"));
}
