using System.Collections.Concurrent;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>Scratch buffers of one query. Thread-safe.</summary>
internal sealed class SampleBufferPool
{
    /// <summary>Larger buffers are let go, so that one long series does not hold its memory to the end of the query.</summary>
    private const long MaxKeptBytes = 4 * 1024 * 1024;

    private readonly ConcurrentBag<SampleBuffer> _free = [];

    public SampleBuffer Rent() => _free.TryTake(out SampleBuffer? buffer) ? buffer : new SampleBuffer();

    public void Return(SampleBuffer buffer)
    {
        buffer.Clear();
        if (buffer.CapacityBytes <= MaxKeptBytes) _free.Add(buffer);
    }
}
