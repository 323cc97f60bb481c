using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>Finds single series of a block and decodes them. Damaged chunks are passed over, as a merge does. Not thread-safe.</summary>
internal sealed class SeriesFinder(SourceBlock block)
{
    private readonly SeriesEntry _entry = new();
    private readonly LabelsBuilder _builder = new();
    private uint[]? _all;

    public Labels LabelsOf(uint series)
    {
        block.Index.ReadSeries(series, _entry, 0, 0, withChunks: false);
        _builder.Clear();
        foreach (LabelRef label in _entry.Labels)
            _builder.Set(block.Index.Symbols.Lookup(label.Name).ToArray(), block.Index.Symbols.Lookup(label.Value));
        return _builder.ToLabels();
    }

    /// <summary>Ids of the series with exactly these labels; more than one only in a malformed index.</summary>
    public IReadOnlyList<uint> Find(Labels labels)
    {
        _all ??= block.Index.ReadPostings(block.Index.Postings.All);
        int low = 0, high = _all.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = LabelsOf(_all[middle]).CompareTo(labels);
            if (order == 0) return Around(middle, labels);
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        // Not there, or the index is out of order.
        LabelMatcher[] matchers = [.. labels.Pairs().Select(p => LabelMatcher.Equal(p.Key, p.Value))];
        return [.. block.Index.Select(matchers).Where(id => LabelsOf(id).Equals(labels))];
    }

    /// <summary>Time and value of each sample in the block's range that is not deleted; of a histogram a hash of its fields.</summary>
    public IEnumerable<(long Time, ulong Value)> Read(uint series, Func<Chunk, Chunk> part)
    {
        foreach (SampleBuffer samples in Decode(series, part))
        {
            for (var i = 0; i < samples.Count; i++)
            {
                FloatHistogram? histogram = samples.HasHistograms ? samples.Histograms[i] : null;
                yield return (samples.Times[i], histogram is null ? BitConverter.DoubleToUInt64Bits(samples.Values[i]) : HashOf(histogram));
            }
        }
    }

    /// <summary>Samples that downsampling counts: neither stale nor NaN.</summary>
    public long CountUsable(uint series)
    {
        var times = new HashSet<long>();
        long count = 0;
        foreach (SampleBuffer samples in Decode(series, static chunk => chunk))
        {
            for (var i = 0; i < samples.Count; i++)
            {
                FloatHistogram? histogram = samples.HasHistograms ? samples.Histograms[i] : null;
                bool usable = histogram is null ? !double.IsNaN(samples.Values[i]) : !histogram.IsStale;
                if (usable && times.Add(samples.Times[i])) count++;
            }
        }

        return count;
    }

    public double SumOfCounts(uint series)
    {
        double sum = 0;
        foreach (SampleBuffer samples in Decode(series, static chunk => AggregateChunkCodec.Split(chunk).Count))
            foreach (double count in samples.Values) sum += count;
        return sum;
    }

    private List<uint> Around(int position, Labels labels)
    {
        var found = new List<uint>();
        int from = position;
        while (from > 0 && LabelsOf(_all![from - 1]).Equals(labels)) from--;
        for (int i = from; i < _all!.Length && (i <= position || LabelsOf(_all[i]).Equals(labels)); i++) found.Add(_all[i]);
        return found;
    }

    private IEnumerable<SampleBuffer> Decode(uint series, Func<Chunk, Chunk> part)
    {
        block.Index.ReadSeries(series, _entry, long.MinValue, long.MaxValue);
        foreach (ChunkMeta meta in _entry.Chunks.ToArray())
        {
            var samples = new SampleBuffer();
            try
            {
                Chunk chunk = part(block.ReadChunk(meta));
                if (chunk.IsEmpty) continue;
                new ChunkSamples().Decode(chunk, block.Tombstones.Of(series), block.Meta.MinTimeMs, block.LastMs, samples);
            }
            catch (TsdbCorruptionException)
            {
                // The merge has reported it.
                continue;
            }

            yield return samples;
        }
    }

    private static ulong HashOf(FloatHistogram histogram)
    {
        var hash = new HashCode();
        hash.Add(histogram.Schema);
        hash.Add(histogram.Count);
        hash.Add(BitConverter.DoubleToUInt64Bits(histogram.Sum));
        hash.Add(histogram.ZeroCount);
        hash.Add(histogram.ZeroThreshold);
        // Empty buckets may come and go as chunks are cut anew.
        foreach (double count in histogram.PositiveBuckets)
            if (count != 0) hash.Add(count);
        foreach (double count in histogram.NegativeBuckets)
            if (count != 0) hash.Add(count);
        return (ulong)hash.ToHashCode();
    }
}
