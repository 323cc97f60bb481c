using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Tools;

/// <summary>One sample of any kind, as stored: an integer histogram stays one.</summary>
/// <param name="StartMs">Start timestamp; 0 = unknown.</param>
/// <param name="Integer">Not null for an integer histogram.</param>
/// <param name="Float">Not null for a float histogram.</param>
internal readonly record struct SeriesSample(long TimeMs, long StartMs, double Value, Histogram? Integer, FloatHistogram? Float)
{
    private bool HasStart => StartMs != 0;

    /// <summary>Samples of one kind can share a chunk.</summary>
    private int Kind => (Integer is not null ? 1 : Float is not null ? 2 : 0) + (HasStart ? 4 : 0);

    /// <summary>All samples of a chunk that holds some.</summary>
    /// <exception cref="TsdbCorruptionException">The chunk is damaged.</exception>
    public static IEnumerable<SeriesSample> Of(Chunk chunk)
    {
        if (chunk.Encoding is ChunkEncoding.Histogram or ChunkEncoding.HistogramSt)
            return ChunkDecoder.DecodeHistograms(chunk).Select(s => new SeriesSample(s.TimeMs, s.StartMs, 0, s.Histogram, null));
        SampleBuffer buffer = new();
        ChunkDecoder.Decode(chunk, buffer, long.MinValue, long.MaxValue);
        return Enumerable.Range(0, buffer.Count).Select(i => new SeriesSample(
            buffer.Times[i], buffer.HasStartTimes ? buffer.StartTimes[i] : 0, buffer.Values[i], null, buffer.HasHistograms ? buffer.Histograms[i] : null));
    }

    /// <summary>Chunks of at most 120 samples, a new one where the kind changes or a histogram does not fit.</summary>
    /// <param name="samples">Times ascend.</param>
    public static List<SeriesChunk> Encode(IReadOnlyList<SeriesSample> samples)
    {
        List<SeriesChunk> chunks = [];
        CounterResetHeader header = CounterResetHeader.Unknown;
        for (int at = 0; at < samples.Count;)
        {
            int from = at;
            Chunk chunk = samples[at] switch
            {
                { Integer: not null } => TakeIntegers(samples, ref at, ref header),
                { Float: not null } => TakeFloatHistograms(samples, ref at, ref header),
                _ => TakeFloats(samples, ref at),
            };
            if (at < samples.Count && samples[at].Kind != samples[from].Kind) header = CounterResetHeader.Unknown;
            chunks.Add(new SeriesChunk(samples[from].TimeMs, samples[at - 1].TimeMs, chunk));
        }

        return chunks;
    }

    private static bool Goes(IReadOnlyList<SeriesSample> samples, int at, int from) =>
        at < samples.Count && at - from < ChunkCutter.SamplesPerChunk && samples[at].Kind == samples[from].Kind;

    private static Chunk TakeFloats(IReadOnlyList<SeriesSample> samples, ref int at)
    {
        int from = at;
        if (samples[from].HasStart)
        {
            Xor2ChunkWriter starts = new();
            for (; Goes(samples, at, from); at++) starts.Append(samples[at].TimeMs, samples[at].Value, samples[at].StartMs);
            return starts.ToChunk();
        }

        XorChunkWriter writer = new();
        for (; Goes(samples, at, from); at++) writer.Append(samples[at].TimeMs, samples[at].Value);
        return writer.ToChunk();
    }

    private static Chunk TakeIntegers(IReadOnlyList<SeriesSample> samples, ref int at, ref CounterResetHeader header)
    {
        int from = at;
        HistogramChunkWriter writer = new(header, samples[from].HasStart);
        header = CounterResetHeader.Unknown;
        for (; Goes(samples, at, from); at++)
            if (writer.TryAppend(samples[at].TimeMs, samples[at].Integer!, out header, samples[at].StartMs) == HistogramAppendResult.NewChunk) break;
        return writer.ToChunk();
    }

    private static Chunk TakeFloatHistograms(IReadOnlyList<SeriesSample> samples, ref int at, ref CounterResetHeader header)
    {
        int from = at;
        FloatHistogramChunkWriter writer = new(header, samples[from].HasStart);
        header = CounterResetHeader.Unknown;
        for (; Goes(samples, at, from); at++)
            if (writer.TryAppend(samples[at].TimeMs, samples[at].Float!, out header, samples[at].StartMs) == HistogramAppendResult.NewChunk) break;
        return writer.ToChunk();
    }
}
