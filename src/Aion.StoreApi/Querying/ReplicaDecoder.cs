using System.Globalization;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreApi;

/// <summary>Decodes chunks that follow one another into the samples of one replica.</summary>
internal sealed class ReplicaDecoder(FunctionNeeds needs, SampleBufferPool pool)
{
    /// <summary>Appends the samples in <c>[minMs, maxMs]</c>; where chunks overlap, the earlier chunk's samples win .</summary>
    /// <param name="labels">For errors.</param>
    /// <param name="chunks">By min time, ascending.</param>
    /// <param name="minMs">First time wanted.</param>
    /// <param name="maxMs">Last time wanted.</param>
    /// <param name="into">Takes the samples, ascending.</param>
    /// <exception cref="StoreException">Damaged chunk bytes, or an aggregate that is not there.</exception>
    public void Decode(Labels labels, IReadOnlyList<SeriesChunk> chunks, long minMs, long maxMs, SampleBuffer into)
    {
        if (needs.Reading == DownsampledReading.Counter && HasDownsampled(chunks))
        {
            DecodeCounters(labels, chunks, minMs, maxMs, into);
            return;
        }

        bool countPoints = needs.CountsPoints && HasDownsampled(chunks);
        int first = into.Count;
        for (var i = 0; i < chunks.Count; i++)
        {
            SeriesChunk chunk = chunks[i];
            if (chunk.MaxTimeMs < minMs || chunk.MinTimeMs > maxMs) continue;
            long from = into.Count > first ? Math.Max(minMs, into.Times[^1] + 1) : minMs;
            if (!chunk.Raw.IsEmpty)
            {
                int start = into.Count;
                DecodeOne(labels, chunk, chunk.Raw, from, maxMs, into);
                if (countPoints) ToOnes(into, start);
            }
            else if (chunk.Downsampled is { } parts)
            {
                DecodeDownsampled(labels, chunk, parts, from, maxMs, into);
            }
        }
    }

    public static bool HasDownsampled(IReadOnlyList<SeriesChunk> chunks)
    {
        for (var i = 0; i < chunks.Count; i++)
            if (chunks[i].Raw.IsEmpty && chunks[i].Downsampled is not null) return true;
        return false;
    }

    /// <summary>A run of counters depends on everything before, so all is decoded and then cut to the range.</summary>
    private void DecodeCounters(Labels labels, IReadOnlyList<SeriesChunk> chunks, long minMs, long maxMs, SampleBuffer into)
    {
        SampleBuffer whole = pool.Rent(), scratch = pool.Rent();
        try
        {
            var run = default(CounterRun);
            for (var i = 0; i < chunks.Count; i++)
            {
                SeriesChunk chunk = chunks[i];
                long from = whole.Count > 0 ? whole.Times[^1] + 1 : long.MinValue;
                if (!chunk.Raw.IsEmpty)
                {
                    int start = whole.Count;
                    DecodeOne(labels, chunk, chunk.Raw, from, long.MaxValue, whole);
                    run.AddRaw(whole, start);
                }
                else if (chunk.Downsampled is { } parts)
                {
                    scratch.Clear();
                    DecodePart(labels, chunk, Require(labels, chunk, parts.Counter, "counter"), from, long.MaxValue, scratch);
                    run.AddDownsampled(scratch, whole);
                }
            }

            AppendRange(whole, minMs, maxMs, into);
        }
        finally
        {
            pool.Return(whole);
            pool.Return(scratch);
        }
    }

    private void DecodeDownsampled(Labels labels, in SeriesChunk chunk, AggregateChunks parts, long minMs, long maxMs, SampleBuffer into)
    {
        switch (needs.Reading)
        {
            case DownsampledReading.Count:
                DecodeOne(labels, chunk, Require(labels, chunk, parts.Count, "count"), minMs, maxMs, into);
                break;
            case DownsampledReading.Sum:
                DecodeOne(labels, chunk, Require(labels, chunk, parts.Sum, "sum"), minMs, maxMs, into);
                break;
            case DownsampledReading.Min:
                DecodeOne(labels, chunk, Require(labels, chunk, parts.Min, "min"), minMs, maxMs, into);
                break;
            case DownsampledReading.Max:
                DecodeOne(labels, chunk, Require(labels, chunk, parts.Max, "max"), minMs, maxMs, into);
                break;
            default:
                DecodeAverage(labels, chunk, parts, minMs, maxMs, into);
                break;
        }
    }

    private void DecodeAverage(Labels labels, in SeriesChunk chunk, AggregateChunks parts, long minMs, long maxMs, SampleBuffer into)
    {
        SampleBuffer counts = pool.Rent(), sums = pool.Rent();
        try
        {
            DecodeOne(labels, chunk, Require(labels, chunk, parts.Count, "count"), minMs, maxMs, counts);
            DecodeOne(labels, chunk, Require(labels, chunk, parts.Sum, "sum"), minMs, maxMs, sums);
            if (!counts.Times.SequenceEqual(sums.Times)) throw Damaged(labels, chunk, "count and sum have different timestamps", null);
            if (sums.HasHistograms || counts.HasHistograms)
            {
                for (var i = 0; i < sums.Count; i++)
                {
                    if (sums.Histograms.Length > 0 && sums.Histograms[i] is { } sum)
                        into.Add(sums.Times[i], sum.Copy().Divide(counts.Values[i]));
                    else into.Add(sums.Times[i], sums.Values[i] / counts.Values[i]);
                }

                return;
            }

            into.Reserve(sums.Count, out Span<long> times, out Span<double> values);
            sums.Times.CopyTo(times);
            ReadOnlySpan<double> numerators = sums.Values, denominators = counts.Values;
            for (var i = 0; i < values.Length; i++) values[i] = numerators[i] / denominators[i];
            into.Advance(values.Length);
        }
        finally
        {
            pool.Return(counts);
            pool.Return(sums);
        }
    }

    /// <summary>Decodes one chunk whose samples must ascend; of equal timestamps the first stays.</summary>
    private void DecodeOne(Labels labels, in SeriesChunk chunk, Chunk part, long minMs, long maxMs, SampleBuffer into)
    {
        int start = into.Count;
        DecodePart(labels, chunk, part, minMs, maxMs, into);
        if (into.IntervalMs > 0) return;
        ReadOnlySpan<long> times = into.Times[start..];
        if (AscendingRun.IsAll(times)) return;
        for (var i = 1; i < times.Length; i++)
            if (times[i] < times[i - 1]) throw Damaged(labels, chunk, "timestamps go back", null);
        DropRepeats(into, start);
    }

    private void DropRepeats(SampleBuffer into, int start)
    {
        SampleBuffer all = pool.Rent();
        try
        {
            all.AddRange(into, start, into.Count - start);
            into.Slice(0, start);
            for (var i = 0; i < all.Count; i++)
                if (i == 0 || all.Times[i] != all.Times[i - 1]) into.AddRange(all, i, 1);
        }
        finally
        {
            pool.Return(all);
        }
    }

    private static void DecodePart(Labels labels, in SeriesChunk chunk, Chunk part, long minMs, long maxMs, SampleBuffer into)
    {
        try
        {
            ChunkDecoder.Decode(part, into, minMs, maxMs);
        }
        catch (TsdbCorruptionException e)
        {
            throw Damaged(labels, chunk, e.Message, e);
        }
    }

    /// <summary>Every raw sample counts as one; stale markers stay what they are.</summary>
    private void ToOnes(SampleBuffer into, int start)
    {
        SampleBuffer raw = pool.Rent();
        try
        {
            raw.AddRange(into, start, into.Count - start);
            into.Slice(0, start);
            for (var i = 0; i < raw.Count; i++)
            {
                bool stale = raw.HasHistograms && raw.Histograms[i] is { } histogram ? histogram.IsStale : StaleMarker.Is(raw.Values[i]);
                into.Add(raw.Times[i], stale ? StaleMarker.Value : 1);
            }
        }
        finally
        {
            pool.Return(raw);
        }
    }

    /// <summary>Appends the samples of a sorted buffer that lie in the closed range.</summary>
    public static void AppendRange(SampleBuffer sorted, long minMs, long maxMs, SampleBuffer into)
    {
        int from = LowerBound(sorted.Times, minMs);
        int to = maxMs == long.MaxValue ? sorted.Count : LowerBound(sorted.Times, maxMs + 1);
        if (to > from) into.AddRange(sorted, from, to - from);
    }

    private static int LowerBound(ReadOnlySpan<long> times, long value)
    {
        int low = 0, high = times.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (times[middle] < value) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static Chunk Require(Labels labels, in SeriesChunk chunk, Chunk part, string aggregate) =>
        part.IsEmpty ? throw Damaged(labels, chunk, $"the {aggregate} aggregate was asked for and is not there", null) : part;

    private static StoreException Damaged(Labels labels, in SeriesChunk chunk, string problem, Exception? inner) => new(
        StoreErrorKind.DataLoss,
        string.Create(CultureInfo.InvariantCulture, $"series {labels}, chunk [{chunk.MinTimeMs}, {chunk.MaxTimeMs}]: {problem}"),
        inner);
}
