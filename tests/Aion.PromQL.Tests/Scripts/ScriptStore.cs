using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL.Tests;

/// <summary>
/// Samples in memory, as the store of a script. Gives the counter reset hints of histograms back as a TSDB does: unknown for the first sample
/// of a chunk, "not reset" for the others, gauge for gauges.
/// </summary>
internal sealed class ScriptStore : IQuerier
{
    private readonly SortedDictionary<Labels, StoredSeries> _series = [];

    public void Clear() => _series.Clear();

    public void Load(LoadCommand command)
    {
        foreach (LoadedSeries loaded in command.Series)
        {
            StoredSeries series = Series(loaded.Labels);
            for (var i = 0; i < loaded.Values.Count; i++)
            {
                SequenceValue value = loaded.Values[i];
                if (value.IsOmitted) continue;
                series.Append(i * command.StepMs, value.Value, value.Histogram, loaded.StartTimes?[i] ?? 0);
            }
        }

        if (!command.WithNativeBuckets) return;
        foreach ((Labels labels, long time, FloatHistogram histogram) in ClassicConversion.Convert(command))
            Series(labels).Append(time, 0, histogram, 0);
    }

    public async IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(
        SelectHints hints, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        List<SampleSeries> found = [.. _series.Values.Where(s => hints.Matchers.All(m => m.Matches(s.Labels)) && s.Overlaps(hints.MinTimeMs, hints.MaxTimeMs))];
        if (found.Count > 0) yield return found;
    }

    private StoredSeries Series(Labels labels)
    {
        if (!_series.TryGetValue(labels, out StoredSeries? series)) _series.Add(labels, series = new StoredSeries(labels));
        return series;
    }

    private sealed class StoredSeries(Labels labels) : SampleSeries
    {
        private readonly List<(long Time, double Value, FloatHistogram? Histogram, long Start)> _samples = [];
        private FloatHistogram? _inChunk;

        public override Labels Labels => labels;

        public bool Overlaps(long minMs, long maxMs) => _samples.Exists(s => s.Time >= minMs && s.Time <= maxMs);

        public void Append(long time, double value, FloatHistogram? histogram, long start)
        {
            if (histogram is null && StaleMarker.Is(value) && _samples.Count > 0 && _samples[^1].Histogram is not null)
                histogram = new FloatHistogram { Sum = value };
            if (histogram is null)
            {
                _inChunk = null;
                _samples.Add((time, value, null, start));
                return;
            }

            FloatHistogram stored = histogram.Copy();
            stored.CounterResetHint = Hint(histogram);
            _inChunk = histogram.CounterResetHint == CounterResetHint.Gauge && !histogram.IsStale ? null : histogram;
            _samples.Add((time, 0, stored, start));
        }

        public override void Read(long minMs, long maxMs, SampleBuffer buffer)
        {
            foreach ((long time, double value, FloatHistogram? histogram, long start) in _samples)
            {
                if (time < minMs) continue;
                if (time > maxMs) break;
                if (histogram is null) buffer.Add(time, value);
                else buffer.Add(time, histogram);
                buffer.SetStartTime(buffer.Count - 1, start);
            }
        }

        private CounterResetHint Hint(FloatHistogram histogram)
        {
            if (histogram.IsStale) return CounterResetHint.NotReset;
            if (histogram.CounterResetHint == CounterResetHint.Gauge) return CounterResetHint.Gauge;
            if (_inChunk is not { IsStale: false } before || histogram.CounterResetHint == CounterResetHint.Reset) return CounterResetHint.Unknown;
            bool sameLayout = histogram.Schema == before.Schema && histogram.ZeroThreshold == before.ZeroThreshold
                && histogram.CustomValues.AsSpan().SequenceEqual(before.CustomValues);
            if (!sameLayout) return CounterResetHint.Unknown;
            FloatHistogram unhinted = histogram.Copy();
            unhinted.CounterResetHint = CounterResetHint.Unknown;
            return unhinted.DetectReset(before) ? CounterResetHint.Unknown : CounterResetHint.NotReset;
        }
    }
}

/// <summary>The native histograms with custom buckets that <c>load_with_nhcb</c> makes of classic ones.</summary>
internal static class ClassicConversion
{
    public static IEnumerable<(Labels Labels, long Time, FloatHistogram Histogram)> Convert(LoadCommand command)
    {
        var parts = new SortedDictionary<Labels, SortedDictionary<long, Parts>>();
        foreach (LoadedSeries series in command.Series)
        {
            string name = series.Labels.GetValueOrNull(LabelNames.MetricName) ?? "";
            string? suffix = ((string[])["_bucket", "_count", "_sum"]).FirstOrDefault(s => name.EndsWith(s, StringComparison.Ordinal));
            if (suffix is null) continue;
            double bound = 0;
            if (suffix == "_bucket"
                && (GoFloat.TryParse(series.Labels.GetValueOrNull("le") ?? "", out bound) != GoNumberStatus.Ok || double.IsNaN(bound))) continue;
            var builder = new LabelsBuilder(series.Labels);
            builder.Set(LabelNames.MetricName, name[..^suffix.Length]);
            builder.Remove("le");
            Labels target = builder.ToLabels();
            if (!parts.TryGetValue(target, out SortedDictionary<long, Parts>? times)) parts.Add(target, times = []);
            for (var i = 0; i < series.Values.Count; i++)
            {
                SequenceValue value = series.Values[i];
                if (value.IsOmitted || value.Histogram is not null) continue;
                long time = i * command.StepMs;
                if (!times.TryGetValue(time, out Parts? at)) times.Add(time, at = new Parts());
                if (suffix == "_bucket") at.Buckets.TryAdd(bound, value.Value);
                else if (suffix == "_count") at.Count = value.Value;
                else at.Sum = value.Value;
            }
        }

        foreach ((Labels labels, SortedDictionary<long, Parts> times) in parts)
            foreach ((long time, Parts at) in times)
                yield return (labels, time, at.ToHistogram());
    }

    private sealed class Parts
    {
        public SortedDictionary<double, double> Buckets { get; } = [];

        public double? Count { get; set; }

        public double Sum { get; set; }

        public FloatHistogram ToHistogram()
        {
            double count = Count ?? (Buckets.Count > 0 ? Buckets.Values.Last() : 0);
            Buckets.TryAdd(double.PositiveInfinity, count);
            double[] bounds = [.. Buckets.Keys.Where(double.IsFinite)];
            double before = 0;
            List<double> counts = [];
            foreach (double cumulative in Buckets.Values)
            {
                counts.Add(cumulative - before);
                before = cumulative;
            }

            return new FloatHistogram
            {
                Schema = FloatHistogram.CustomBucketsSchema,
                CustomValues = bounds,
                Count = count,
                Sum = Sum,
                PositiveSpans = [new BucketSpan(0, (uint)counts.Count)],
                PositiveBuckets = [.. counts],
            }.Compact();
        }
    }
}
