using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Tools;

/// <summary>
/// Edits chunks of downsampled data. A window goes or stays as a whole, in all aggregates alike; where chunks overlap, a window is taken
/// from the first that has it.
/// </summary>
internal static class AggregateEditor
{
    public static List<SeriesChunk> Edit(List<EditedChunk> run)
    {
        List<SeriesChunk> result = [];
        HashSet<long> taken = [];
        List<Windows> parts = [.. run.Select(c => Windows.Of(c, taken)).Where(w => w.Times.Count > 0)];
        // Chunks whose windows lie between each other's can't both stay whole: all of the run becomes one.
        if (parts.Count == 0) return result;
        bool apart = true;
        List<Windows> ordered = [.. parts.OrderBy(p => p.First)];
        for (int i = 1; i < ordered.Count; i++) apart &= ordered[i].First > ordered[i - 1].Last;
        foreach (Windows windows in apart ? ordered : [Windows.Joined(ordered)]) result.Add(windows.ToChunk());
        return result;
    }

    /// <summary>The aggregates' samples of the windows that stay.</summary>
    private sealed class Windows
    {
        private const int Slots = 5;
        private const int Counter = 4;

        private readonly List<SeriesSample>[] _samples = [[], [], [], [], []];

        /// <summary>The value at the end of what the counter counted, which the next chunk goes on from.</summary>
        private SeriesSample? _last;

        public HashSet<long> Times { get; } = [];

        public long First => _samples.Where(s => s.Count > 0).Min(s => s[0].TimeMs);

        public long Last => _samples.Where(s => s.Count > 0).Max(s => s[^1].TimeMs);

        public static Windows Of(EditedChunk source, HashSet<long> taken)
        {
            Windows windows = new();
            AggregateChunks split = AggregateChunkCodec.Split(source.Chunk);
            Chunk[] slots = [split.Count, split.Sum, split.Min, split.Max, split.Counter];
            List<SeriesSample>[] all = [.. slots.Select(c => c.IsEmpty ? [] : SeriesSample.Of(c).ToList())];
            foreach (SeriesSample window in all[..Counter].SelectMany(s => s))
                if (!TimeRanges.Hold(source.Deleted, window.TimeMs) && !taken.Contains(window.TimeMs)) windows.Times.Add(window.TimeMs);
            taken.UnionWith(windows.Times);
            for (int slot = 0; slot < Counter; slot++) windows._samples[slot].AddRange(all[slot].Where(s => windows.Times.Contains(s.TimeMs)));
            windows.TakeCounter(all[Counter], source);
            return windows;
        }

        public static Windows Joined(List<Windows> parts)
        {
            Windows joined = new();
            for (int slot = 0; slot < Slots; slot++)
                joined._samples[slot].AddRange(parts.SelectMany(p => p._samples[slot]).OrderBy(s => s.TimeMs).DistinctBy(s => s.TimeMs));
            joined._last = parts.MaxBy(p => p.Last)?._last;
            return joined;
        }

        public SeriesChunk ToChunk()
        {
            long first = First, last = Last;
            if (_last is { } raw && _samples[Counter].Count > 0) _samples[Counter].Add(raw with { TimeMs = _samples[Counter][^1].TimeMs });
            Chunk[] chunks = [.. _samples.Select(One)];
            return new SeriesChunk(first, last, default, new AggregateChunks(chunks[0], chunks[1], chunks[2], chunks[3], chunks[4]));
        }

        /// <summary>
        /// The first sample is a raw one, the last repeats a time with a raw value. When the end of the chunk goes, that value moves to
        /// the last window that stays: what was counted in the windows that went is then missing, and no reset is seen.
        /// </summary>
        private void TakeCounter(List<SeriesSample> counter, EditedChunk source)
        {
            if (counter.Count == 0) return;
            bool repeats = counter.Count > 1 && counter[^1].TimeMs == counter[^2].TimeMs;
            if (repeats) _last = counter[^1];
            IEnumerable<SeriesSample> own = repeats ? counter.SkipLast(1) : counter;
            _samples[Counter].AddRange(own.Where((s, i) => Times.Contains(s.TimeMs) || (i == 0 && !TimeRanges.Hold(source.Deleted, s.TimeMs))));
            if (!Times.Contains(counter[^1].TimeMs) && _samples[Counter].Count == 0) _last = null;
        }

        private static Chunk One(List<SeriesSample> samples)
        {
            if (samples.Count == 0) return default;
            if (samples[0].Integer is null && samples[0].Float is null)
            {
                XorChunkWriter writer = new();
                foreach (SeriesSample sample in samples) writer.Append(sample.TimeMs, sample.Value);
                return writer.ToChunk();
            }

            return Histograms(samples);
        }

        private static Chunk Histograms(List<SeriesSample> samples)
        {
            FloatHistogramChunkWriter floats = new(CounterResetHeader.Unknown);
            HistogramChunkWriter integers = new(CounterResetHeader.Unknown);
            for (int i = 0; i < samples.Count; i++)
            {
                SeriesSample sample = samples[i];
                // The raw value after a counter is less than what was counted: no chunk holds both, and readers do without it.
                if (i > 0 && i == samples.Count - 1 && sample.TimeMs == samples[i - 1].TimeMs) break;
                HistogramAppendResult result = sample.Integer is { } integer
                    ? integers.TryAppend(sample.TimeMs, integer, out _)
                    : floats.TryAppend(sample.TimeMs, sample.Float!, out _);
                if (result == HistogramAppendResult.NewChunk)
                    throw new TsdbCorruptionException("chunks", 0, "the histograms of a downsampled chunk do not fit one chunk after the deletion");
            }

            return integers.Count > 0 ? integers.ToChunk() : floats.ToChunk();
        }
    }
}
