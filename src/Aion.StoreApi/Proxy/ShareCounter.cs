using System.Buffers.Binary;
using System.Diagnostics;
using Aion.Protocol;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>Counts what one store of a fan-out answers. One reader at a time.</summary>
internal sealed class ShareCounter(StoreClient client, bool batches)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _bytes;
    private long _responses;
    private long _series;
    private long _chunks;
    private long _samples;

    public EndpointShare Share => new(
        client.Address ?? client.Store.Name, Stopwatch.GetElapsedTime(_started), _bytes, _responses, _series, _chunks, _samples);

    public void Count(SeriesFrame frame)
    {
        if (frame.Series.Count == 0) return;
        _responses++;
        _series += frame.Series.Count;
        _bytes += SeriesMessageSize.Of(frame.Series, batches);
        foreach (ChunkSeries series in frame.Series)
            foreach (SeriesChunk chunk in series.Chunks)
            {
                Count(chunk.Raw);
                if (chunk.Downsampled is not { } parts) continue;
                Count(parts.Count);
                Count(parts.Sum);
                Count(parts.Min);
                Count(parts.Max);
                Count(parts.Counter);
            }
    }

    private void Count(in Chunk chunk)
    {
        if (chunk.IsEmpty) return;
        _chunks++;
        // Every encoding begins with the number of samples.
        if (chunk.Data.Length >= 2) _samples += BinaryPrimitives.ReadUInt16BigEndian(chunk.Data.Span);
    }
}
