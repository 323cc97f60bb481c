using Aion.Storage;

namespace Aion.Protocol;

/// <summary>How large series are on the wire.</summary>
public static class SeriesMessageSize
{
    /// <summary>Bytes of the message, or of the messages when each series has one of its own.</summary>
    public static long Of(IReadOnlyList<ChunkSeries> series, bool isBatch) => SeriesMessageEncoder.SizeOf(series, isBatch);
}
