using System.Buffers.Binary;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>Finds single series of a block and decodes them. Damaged chunks are passed over, as a merge does. Not thread-safe.</summary>
internal sealed class SeriesFinder(SourceBlock block, KnownRepairs known)
{
    private readonly SeriesEntry _entry = new();
    private readonly LabelsBuilder _builder = new();
    private readonly SampleBuffer _samples = new();
    private ReadOnlyMemory<byte>? _ids;

    /// <summary>Labels in order; of a name that is there twice the smaller value, as a merge takes it.</summary>
    public Labels LabelsOf(uint series)
    {
        block.Index.ReadSeries(series, _entry, 0, 0, withChunks: false);
        LabelRef[] labels = _entry.LabelSpan.ToArray();
        Array.Sort(labels, static (a, b) => a.Key.CompareTo(b.Key));
        _builder.Clear();
        for (var i = 0; i < labels.Length; i++)
        {
            if (i > 0 && labels[i].Name == labels[i - 1].Name) continue;
            _builder.Set(block.Index.Symbols.Lookup(labels[i].Name).ToArray(), block.Index.Symbols.Lookup(labels[i].Value));
        }

        return _builder.ToLabels();
    }

    /// <summary>Ids of the series with exactly these labels; more than one only in a malformed index.</summary>
    public IReadOnlyList<uint> Find(Labels labels)
    {
        if (known.IsUnsorted(block.Meta.Id))
        {
            LabelMatcher[] matchers = [.. labels.Pairs().Select(p => LabelMatcher.Equal(p.Key, p.Value))];
            return [.. block.Index.Select(matchers).Where(id => LabelsOf(id).Equals(labels))];
        }

        _ids ??= block.Index.PostingsBytes(block.Index.Postings.All);
        int low = 0, high = Count() - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = LabelsOf(IdAt(middle)).CompareTo(labels);
            if (order == 0) return Around(middle, labels);
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return [];
    }

    /// <summary>
    /// The samples of a series; of aggregate chunks, the windows by their counts. What a deletion covers is left out. The list is not
    /// sorted; a time may come twice.
    /// </summary>
    public IEnumerable<FoundSample> Read(uint series)
    {
        block.Index.ReadSeries(series, _entry, long.MinValue, long.MaxValue);
        foreach (ChunkMeta meta in _entry.Chunks.ToArray())
        {
            TimeRange[] deleted = [.. block.Tombstones.Of(series).ToArray().Where(r => r.MinMs <= meta.MaxTimeMs && meta.MinTimeMs <= r.MaxMs)];
            if (deleted.Any(r => r.MinMs <= meta.MinTimeMs && meta.MaxTimeMs <= r.MaxMs) || !TryDecode(meta, out bool isAggregate)) continue;
            bool mayMiss = meta.MaxTimeMs < block.Meta.MinTimeMs || meta.MinTimeMs > block.LastMs || known.MayMiss(block.Meta.Id, meta);
            for (var i = 0; i < _samples.Count; i++)
            {
                long time = _samples.Times[i];
                if (deleted.Any(r => r.MinMs <= time && time <= r.MaxMs)) continue;
                bool mustBe = !mayMiss && time >= block.Meta.MinTimeMs && time <= block.LastMs && !IsDeleted(series, time);
                yield return Describe(i, isAggregate, mustBe);
            }
        }
    }

    private FoundSample Describe(int index, bool isAggregate, bool mustBe)
    {
        long time = _samples.Times[index];
        double value = _samples.Values[index];
        FloatHistogram? histogram = _samples.HasHistograms ? _samples.Histograms[index] : null;
        if (histogram is not null) return new FoundSample(time, HashOf(histogram), histogram.IsStale ? 0 : 1, mustBe);
        double weight = double.IsNaN(value) ? 0 : isAggregate ? value : 1;
        return new FoundSample(time, BitConverter.DoubleToUInt64Bits(value), weight, mustBe);
    }

    /// <summary>The samples of a chunk, wherever they lie in time; false when there are none to be had.</summary>
    private bool TryDecode(ChunkMeta meta, out bool isAggregate)
    {
        _samples.Clear();
        isAggregate = false;
        try
        {
            Chunk chunk = block.ReadChunk(meta);
            isAggregate = chunk.Encoding == ChunkEncoding.Aggregate;
            if (isAggregate) chunk = AggregateChunkCodec.Split(chunk).Count;
            if (chunk.IsEmpty) return false;
            new ChunkSamples().Decode(chunk, [], long.MinValue, long.MaxValue, _samples);
            return true;
        }
        catch (Exception e) when (e is TsdbCorruptionException or ArgumentException)
        {
            // The merge passes it on unseen or has reported it; either way there is nothing to compare.
            return false;
        }
    }

    private bool IsDeleted(uint series, long time)
    {
        foreach (TimeRange range in block.Tombstones.Of(series))
            if (range.MinMs <= time && time <= range.MaxMs) return true;
        return false;
    }

    private uint IdAt(int position) => BinaryPrimitives.ReadUInt32BigEndian(_ids!.Value.Span[(position * sizeof(uint))..]);

    private int Count() => _ids!.Value.Length / sizeof(uint);

    private List<uint> Around(int position, Labels labels)
    {
        var found = new List<uint>();
        int from = position;
        while (from > 0 && LabelsOf(IdAt(from - 1)).Equals(labels)) from--;
        for (int i = from; i < Count() && (i <= position || LabelsOf(IdAt(i)).Equals(labels)); i++) found.Add(IdAt(i));
        return found;
    }

    private static ulong HashOf(FloatHistogram histogram)
    {
        var hash = new HashCode();
        hash.Add(histogram.IsStale);
        // A stale marker keeps nothing else when it is written anew.
        if (histogram.IsStale) return (ulong)hash.ToHashCode();
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

/// <summary>A sample of a block as a comparison sees it.</summary>
/// <param name="Value">Bits of a float, hash of a histogram.</param>
/// <param name="Weight">How many samples downsampling counts for it: 0 for NaN and stale markers, the count of a window.</param>
/// <param name="MustBe">What is made of the block has to hold it; others it may hold.</param>
internal readonly record struct FoundSample(long TimeMs, ulong Value, double Weight, bool MustBe);
