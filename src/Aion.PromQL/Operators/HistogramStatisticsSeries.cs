using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>
/// A series whose histograms are cut down to sum and count. Resets are detected while the buckets are still there and told in the hints, which
/// may then contradict each other where full histograms would not.
/// </summary>
internal sealed class HistogramStatisticsSeries(SampleSeries series) : SampleSeries
{
    public override Labels Labels => series.Labels;

    public override bool ValuesAreCounts => series.ValuesAreCounts;

    public override long SizeBytes => series.SizeBytes;

    public override void Read(long minMs, long maxMs, SampleBuffer buffer)
    {
        int from = buffer.Count;
        series.Read(minMs, maxMs, buffer);
        if (!buffer.HasHistograms) return;
        FloatHistogram? last = null;
        for (int i = from; i < buffer.Count; i++)
        {
            if (buffer.Histograms[i] is not { } histogram) continue;
            CounterResetHint hint = histogram.CounterResetHint;
            if (!histogram.IsStale)
            {
                if (hint == CounterResetHint.Unknown && last is not null)
                    hint = histogram.DetectReset(last) ? CounterResetHint.Reset : CounterResetHint.NotReset;
                last = histogram;
            }

            buffer.SetHistogram(i, new FloatHistogram
            {
                CounterResetHint = hint,
                Schema = histogram.Schema,
                Count = histogram.Count,
                Sum = histogram.Sum,
            });
        }
    }
}
