using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>
/// Cuts samples into chunks as Prometheus does when it merges: 120 samples each, a new one where the kind of sample changes or a histogram
/// does not fit (L-6.1). Reusable; not thread-safe.
/// </summary>
internal sealed class SampleCutter
{
    private readonly XorChunkWriter _xor = new();

    /// <param name="samples">Times ascend.</param>
    /// <param name="decoded">Knows which histograms have integer counts.</param>
    public void Cut(SampleBuffer samples, ChunkSamples decoded, SeriesBatch batch)
    {
        for (var at = 0; at < samples.Count;)
        {
            if (!IsHistogram(samples, at)) TakeFloats(samples, ref at, batch);
            else if (decoded.IntegerOf(samples.Histograms[at]!) is null) TakeFloatHistograms(samples, decoded, ref at, batch);
            else TakeHistograms(samples, decoded, ref at, batch);
        }
    }

    /// <summary>Puts a chunk that is already encoded into the batch's output.</summary>
    public static void Emit(SeriesBatch batch, long minMs, long maxMs, Chunk chunk)
    {
        int offset = batch.Output.Length;
        int length = ChunkRecord.SizeOf(chunk.Data.Length);
        Span<byte> record = batch.Output.Add(length);
        chunk.Data.Span.CopyTo(record[ChunkRecord.DataOffset(chunk.Data.Length)..]);
        ChunkRecord.WriteAround(record, chunk.Encoding, chunk.Data.Length);
        batch.Results.Add(new OutputChunk(minMs, maxMs, offset, length, IsEncoded: true));
        batch.Counts.Encoded++;
    }

    private static bool IsHistogram(SampleBuffer samples, int index) => samples.HasHistograms && samples.Histograms[index] is not null;

    private void TakeFloats(SampleBuffer samples, ref int at, SeriesBatch batch)
    {
        int from = at;
        int end = Math.Min(samples.Count, from + ChunkCutter.SamplesPerChunk);
        if (samples.HasHistograms)
            for (int i = from; i < end; i++)
                if (samples.Histograms[i] is not null) end = i;
        at = end;
        if (samples.HasStartTimes && samples.StartTimes[from..end].ContainsAnyExcept(0L))
        {
            TakeFloatsWithStartTimes(samples, from, end, batch);
            return;
        }

        ReadOnlySpan<long> times = samples.Times[from..end];
        ReadOnlySpan<double> values = samples.Values[from..end];
        _xor.Clear();
        _xor.AppendRange(times, values);
        int offset = batch.Output.Length;
        int dataLength = _xor.SizeBytes;
        int length = ChunkRecord.SizeOf(dataLength);
        Span<byte> record = batch.Output.Add(length);
        _xor.CopyTo(record.Slice(ChunkRecord.DataOffset(dataLength), dataLength));
        ChunkRecord.WriteAround(record, ChunkEncoding.Xor, dataLength);
        batch.Results.Add(new OutputChunk(times[0], times[^1], offset, length, IsEncoded: true));
        batch.Counts.Encoded++;
    }

    private static void TakeFloatsWithStartTimes(SampleBuffer samples, int from, int end, SeriesBatch batch)
    {
        var writer = new Xor2ChunkWriter();
        for (int i = from; i < end; i++) writer.Append(samples.Times[i], samples.Values[i], samples.StartTimes[i]);
        Emit(batch, samples.Times[from], samples.Times[end - 1], writer.ToChunk());
    }

    private static void TakeHistograms(SampleBuffer samples, ChunkSamples decoded, ref int at, SeriesBatch batch)
    {
        bool withStart = HasStartTime(samples, at);
        var header = CounterResetHeader.Unknown;
        while (at < samples.Count && IsKind(samples, at, withStart) && decoded.IntegerOf(samples.Histograms[at]!) is not null)
        {
            var writer = new HistogramChunkWriter(header, withStart);
            header = CounterResetHeader.Unknown;
            int from = at;
            while (at < samples.Count && writer.Count < ChunkCutter.SamplesPerChunk && IsKind(samples, at, withStart)
                && decoded.IntegerOf(samples.Histograms[at]!) is { } histogram)
            {
                if (writer.TryAppend(samples.Times[at], histogram, out CounterResetHeader next, StartOf(samples, at)) == HistogramAppendResult.NewChunk)
                {
                    header = next;
                    break;
                }

                at++;
            }

            Emit(batch, samples.Times[from], samples.Times[at - 1], writer.ToChunk());
        }
    }

    private static void TakeFloatHistograms(SampleBuffer samples, ChunkSamples decoded, ref int at, SeriesBatch batch)
    {
        bool withStart = HasStartTime(samples, at);
        var header = CounterResetHeader.Unknown;
        while (at < samples.Count && IsKind(samples, at, withStart) && decoded.IntegerOf(samples.Histograms[at]!) is null)
        {
            var writer = new FloatHistogramChunkWriter(header, withStart);
            header = CounterResetHeader.Unknown;
            int from = at;
            while (at < samples.Count && writer.Count < ChunkCutter.SamplesPerChunk && IsKind(samples, at, withStart)
                && decoded.IntegerOf(samples.Histograms[at]!) is null)
            {
                HistogramAppendResult result = writer.TryAppend(
                    samples.Times[at], samples.Histograms[at]!, out CounterResetHeader next, StartOf(samples, at));
                if (result == HistogramAppendResult.NewChunk)
                {
                    header = next;
                    break;
                }

                at++;
            }

            Emit(batch, samples.Times[from], samples.Times[at - 1], writer.ToChunk());
        }
    }

    private static bool IsKind(SampleBuffer samples, int index, bool withStart) =>
        IsHistogram(samples, index) && HasStartTime(samples, index) == withStart;

    private static bool HasStartTime(SampleBuffer samples, int index) => StartOf(samples, index) != 0;

    private static long StartOf(SampleBuffer samples, int index) => samples.HasStartTimes ? samples.StartTimes[index] : 0;
}
