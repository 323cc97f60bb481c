using Aion.Model;
using Aion.Protocol;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Sidecar;

/// <summary>Puts the samples of a series into chunks as a TSDB would: one kind of sample a chunk, 120 samples at most.</summary>
internal static class SampledSeries
{
    private const int SamplesPerChunk = 120;

    /// <exception cref="StoreException">Samples are out of order, or a histogram is impossible.</exception>
    public static ChunkSeries ToChunks(RemoteReadSeries series)
    {
        var chunks = new Builder();
        int f = 0, h = 0;
        try
        {
            // Floats and histograms come in two lists; in time they may take turns.
            while (f < series.Samples.Count || h < series.Histograms.Count)
            {
                if (h == series.Histograms.Count || (f < series.Samples.Count && series.Samples[f].TimestampMs <= series.Histograms[h].TimestampMs))
                    chunks.Add(series.Samples[f++]);
                else
                    chunks.Add(series.Histograms[h++]);
            }

            return new ChunkSeries(series.Labels, chunks.Complete());
        }
        catch (ArgumentException e)
        {
            throw new StoreException(StoreErrorKind.DataLoss, $"a remote read of Prometheus is damaged: series {series.Labels}: {e.Message}", e);
        }
    }

    private sealed class Builder
    {
        private readonly List<SeriesChunk> _chunks = [];
        private XorChunkWriter? _floats;
        private HistogramChunkWriter? _integers;
        private FloatHistogramChunkWriter? _floating;
        private long _minMs;
        private long _maxMs;
        private bool _any;

        public void Add(Sample sample)
        {
            Advance(sample.TimestampMs);
            if (_floats is null || _floats.Count >= SamplesPerChunk) Cut(sample.TimestampMs, floats: new XorChunkWriter());
            _floats!.Append(sample.TimestampMs, sample.Value);
            _maxMs = sample.TimestampMs;
        }

        public void Add(RemoteHistogram histogram)
        {
            long time = histogram.TimestampMs;
            Advance(time);
            if (histogram.Integer is { } integer)
            {
                bool fits = _integers is { Count: < SamplesPerChunk } && _integers.TryAppend(time, integer, out _) != HistogramAppendResult.NewChunk;
                if (!fits) Cut(time, integers: HistogramChunkWriter.Start(time, integer, _integers));
            }
            else
            {
                FloatHistogram floating = histogram.Float!;
                bool fits = _floating is { Count: < SamplesPerChunk } && _floating.TryAppend(time, floating, out _) != HistogramAppendResult.NewChunk;
                if (!fits) Cut(time, floating: FloatHistogramChunkWriter.Start(time, floating, _floating));
            }

            _maxMs = time;
        }

        public List<SeriesChunk> Complete()
        {
            Cut(0);
            return _chunks;
        }

        private void Advance(long timestampMs)
        {
            if (_any && timestampMs <= _maxMs) throw new ArgumentException($"sample at {timestampMs} comes after one at {_maxMs}");
            _any = true;
        }

        private void Cut(
            long timestampMs, XorChunkWriter? floats = null, HistogramChunkWriter? integers = null, FloatHistogramChunkWriter? floating = null)
        {
            Chunk? done = _floats?.ToChunk() ?? _integers?.ToChunk() ?? _floating?.ToChunk();
            if (done is { } chunk) _chunks.Add(new SeriesChunk(_minMs, _maxMs, chunk));
            (_floats, _integers, _floating) = (floats, integers, floating);
            _minMs = timestampMs;
        }
    }
}
