using System.Runtime.InteropServices;
using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>Downsamples each series of a batch, raw or downsampled before. Not thread-safe: each batch has its own.</summary>
internal sealed class SeriesDownsampler
{
    private readonly IReadOnlyList<SourceBlock> _sources;
    private readonly SeriesMerger _merger;
    private readonly RawDownsampler _raw;
    private readonly RawDownsampler _onTheFly = new(BlockResolution.FiveMinutes);
    private readonly AggregateDownsampler _aggregates;
    private readonly SampleBuffer _samples = new();
    private readonly MemoryBudget _budget;
    private readonly ChunkSamples _decoder = new();
    private readonly List<AggregateSource> _chunks = [];

    // End of the last aggregate chunk of the series in hand.
    private long? _lastWindowMs;

    public SeriesDownsampler(IReadOnlyList<SourceBlock> sources, long resolutionMs, MemoryBudget budget)
    {
        _sources = sources;
        _budget = budget;
        _merger = new SeriesMerger(MergeFunction.Chain, sources, budget);
        _raw = new RawDownsampler(resolutionMs);
        _aggregates = new AggregateDownsampler(resolutionMs);
    }

    public void Process(SeriesBatch batch)
    {
        ChunkFetch.Read(batch, _sources);
        bool isRaw = _sources[0].Meta.Thanos.ResolutionMs == BlockResolution.Raw;
        foreach (ref SeriesSlot series in CollectionsMarshal.AsSpan(batch.Series))
        {
            series.ResultsFrom = batch.Results.Count;
            if (isRaw) RunRaw(batch, series);
            else RunAggregates(batch, series);
            series.ResultCount = batch.Results.Count - series.ResultsFrom;
        }
    }

    private void RunRaw(SeriesBatch batch, in SeriesSlot series)
    {
        if (_merger.IsPlain(batch, series) && TryDecode(batch, series)) _raw.Run(_samples, batch);
        else _raw.Run(_merger.Collect(batch, series), batch);
    }

    /// <summary>Decodes all chunks one behind the other; false when one is damaged or samples go back in time.</summary>
    private bool TryDecode(SeriesBatch batch, in SeriesSlot series)
    {
        _samples.Clear();
        long before = _samples.CapacityBytes;
        foreach (ref readonly ChunkSlot slot in CollectionsMarshal.AsSpan(batch.Chunks).Slice(series.ChunksFrom, series.ChunkCount))
        {
            if (slot.Encoding == ChunkEncoding.Aggregate) return false;
            int from = _samples.Count;
            try
            {
                ChunkDecoder.Decode(
                    new Chunk(slot.Encoding, batch.Input.Slice(slot.DataOffset, slot.DataLength)), _samples, long.MinValue, long.MaxValue);
                if (_samples.HasHistograms) ChunkSamples.CheckSpans(_samples);
            }
            catch (TsdbCorruptionException)
            {
                // The slow path meets it again, and reports it.
                return false;
            }

            // What the index says of a chunk's times is checked against the block; what is in the chunk must keep to it.
            if (from < _samples.Count && (_samples.Times[from] < slot.Meta.MinTimeMs || _samples.Times[^1] > slot.Meta.MaxTimeMs)) return false;
        }

        if (_samples.CapacityBytes > before) _budget.Charge(_samples.CapacityBytes - before, "decoded samples");
        return SampleScan.NeverFall(_samples.Times);
    }

    private void RunAggregates(SeriesBatch batch, in SeriesSlot series)
    {
        int results = batch.Results.Count;
        // What overlaps is merged first; chunks apart from each other come through as they are.
        if (!_merger.TryCopy(batch, series)) _merger.Merge(batch, series);
        _chunks.Clear();
        _lastWindowMs = null;
        foreach (OutputChunk chunk in CollectionsMarshal.AsSpan(batch.Results)[results..]) AddChunk(batch, series, chunk);
        batch.Results.RemoveRange(results, batch.Results.Count - results);
        _aggregates.Run(_chunks, batch);
    }

    private void AddChunk(SeriesBatch batch, in SeriesSlot series, OutputChunk output)
    {
        // A copy: the output may move as it grows.
        ChunkRecord.TryRead(batch.BytesOf(output).ToArray(), out Chunk chunk, out _);
        try
        {
            if (chunk.Encoding == ChunkEncoding.Aggregate)
            {
                AddAggregates(AggregateChunkCodec.Split(chunk), output.MinTimeMs, output.MaxTimeMs);
                return;
            }

            // Raw samples in a downsampled block (L-8.13).
            _samples.Clear();
            _decoder.Decode(chunk, [], _sources[0].Meta.MinTimeMs, _sources[0].LastMs, _samples);
            _decoder.Sort(_samples);
            _decoder.Clear();
            int from = batch.Results.Count;
            _onTheFly.Run(_samples, batch);
            foreach (OutputChunk made in CollectionsMarshal.AsSpan(batch.Results)[from..])
            {
                ChunkRecord.TryRead(batch.BytesOf(made).ToArray(), out Chunk aggregate, out _);
                AddAggregates(AggregateChunkCodec.Split(aggregate), made.MinTimeMs, made.MaxTimeMs);
            }

            batch.Results.RemoveRange(from, batch.Results.Count - from);
        }
        catch (TsdbCorruptionException e)
        {
            Report(batch, series, output, e.Reason);
        }
    }

    private void AddAggregates(AggregateChunks parts, long minMs, long maxMs)
    {
        // Decoding everything once shows that it can be: a chunk that can't is left out whole.
        AggregateKind? kind = null;
        for (var slot = 0; slot < AggregateParts.Slots; slot++)
        {
            Chunk part = AggregateParts.Of(parts, (Aggregate)slot);
            if (part.IsEmpty) continue;
            var samples = new SampleBuffer();
            ChunkDecoder.Decode(part, samples, long.MinValue, long.MaxValue);
            ChunkSamples.CheckSpans(samples);
            if (slot == (int)Aggregate.Count) CheckWindows(samples.Times);
            if (!samples.HasHistograms || FirstHistogram(samples) is not { } histogram) continue;
            AggregateKind found = histogram.UsesCustomBuckets ? AggregateKind.CustomBuckets : AggregateKind.Exponential;
            if (kind is not null && kind != found) throw new TsdbCorruptionException("", 0, "aggregates of exponential and of custom buckets in one chunk");
            kind = found;
        }

        int windows = parts.Count.IsEmpty ? 0 : ChunkDecoder.SampleCount(parts.Count);
        _chunks.Add(new AggregateSource(minMs, maxMs, kind ?? AggregateKind.Float, windows, parts));
    }

    /// <summary>Windows are inside the block, and later than those of the chunk before, whatever the index says of them.</summary>
    private void CheckWindows(ReadOnlySpan<long> times)
    {
        if (times.IsEmpty) return;
        bool fits = times[0] >= _sources[0].Meta.MinTimeMs && times[^1] <= _sources[0].LastMs
            && (_lastWindowMs is not { } last || times[0] > last) && SampleScan.NeverFall(times);
        if (!fits) throw new TsdbCorruptionException("", 0, "the windows of the chunk are out of order, or outside the block");
        _lastWindowMs = times[^1];
    }

    private static FloatHistogram? FirstHistogram(SampleBuffer samples)
    {
        foreach (FloatHistogram? histogram in samples.Histograms)
            if (histogram is { IsStale: false }) return histogram;
        return null;
    }

    private static void Report(SeriesBatch batch, in SeriesSlot series, OutputChunk output, string reason)
    {
        foreach (ref readonly ChunkSlot slot in CollectionsMarshal.AsSpan(batch.Chunks).Slice(series.ChunksFrom, series.ChunkCount))
        {
            if (slot.IsUsable && !output.IsEncoded && slot.Offset == output.Offset)
                batch.Report(slot, RepairKind.Undecodable, reason);
        }
    }
}
