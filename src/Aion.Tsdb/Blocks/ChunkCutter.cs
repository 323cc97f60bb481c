using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>
/// Cuts samples in time order into chunks: 120 samples each, a new one where floats and histograms change or a histogram does not fit.
/// </summary>
public static class ChunkCutter
{
    /// <summary>Samples that a chunk aims at.</summary>
    public const int SamplesPerChunk = 120;

    /// <summary>The samples as chunks, histograms as float histograms. Start timestamps are not kept: these encodings hold none.</summary>
    /// <exception cref="ArgumentException">Times do not ascend, or a histogram's spans and buckets do not fit each other.</exception>
    public static List<SeriesChunk> Cut(SampleBuffer samples)
    {
        for (var i = 1; i < samples.Count; i++)
            if (samples.Times[i] <= samples.Times[i - 1])
                throw new ArgumentException($"sample {i} at {samples.Times[i]} does not come after the one before", nameof(samples));
        var chunks = new List<SeriesChunk>();
        FloatHistogramChunkWriter? previous = null;
        for (var at = 0; at < samples.Count;)
        {
            bool histogram = IsHistogram(samples, at);
            int from = at;
            Chunk chunk = histogram ? TakeHistograms(samples, ref at, ref previous) : TakeFloats(samples, ref at);
            if (!histogram) previous = null;
            chunks.Add(new SeriesChunk(samples.Times[from], samples.Times[at - 1], chunk));
        }

        return chunks;
    }

    private static bool IsHistogram(SampleBuffer samples, int index) => samples.HasHistograms && samples.Histograms[index] is not null;

    private static Chunk TakeFloats(SampleBuffer samples, ref int at)
    {
        var writer = new XorChunkWriter();
        while (at < samples.Count && writer.Count < SamplesPerChunk && !IsHistogram(samples, at))
        {
            writer.Append(samples.Times[at], samples.Values[at]);
            at++;
        }

        return writer.ToChunk();
    }

    private static Chunk TakeHistograms(SampleBuffer samples, ref int at, ref FloatHistogramChunkWriter? previous)
    {
        var writer = FloatHistogramChunkWriter.Start(samples.Times[at], samples.Histograms[at]!, previous);
        at++;
        while (at < samples.Count && writer.Count < SamplesPerChunk && IsHistogram(samples, at))
        {
            if (writer.TryAppend(samples.Times[at], samples.Histograms[at]!, out _) == HistogramAppendResult.NewChunk) break;
            at++;
        }

        previous = writer;
        return writer.ToChunk();
    }
}
