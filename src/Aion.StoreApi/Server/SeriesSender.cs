using Aion.Protocol;
using Aion.Storage;
using Grpc.Core;

namespace Aion.StoreApi;

/// <summary>
/// Frames of a store to messages of the stream: one series each, or batches of the size the caller asked for. The writer's flow control
/// is the back-pressure on the store. Counts what it sent.
/// </summary>
internal sealed class SeriesSender(
    IServerStreamWriter<SeriesMessage> target, int batchSize, bool leaveHashesOut, CancellationToken cancellationToken)
{
    /// <summary>
    /// A batch goes out before it holds more than this: large enough that messages cost nothing, small enough that the queues on both
    /// sides, which count messages, hold little. Just under what receivers' pools give out, whose sizes are powers of two.
    /// </summary>
    private const long MaxBatchBytes = 256 * 1024;

    /// <summary>Small messages share a flush up to this many bytes.</summary>
    private const long FlushBytes = 64 * 1024;

    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);

    private readonly List<ChunkSeries> _batch = [];
    private long _batchBytes;
    private long _unflushedBytes;
    private SeriesMessage? _held;
    private long _heldBytes;

    public long SeriesSent { get; private set; }

    public long ChunksSent { get; private set; }

    public async Task SendAsync(SeriesFrame frame)
    {
        foreach (string warning in frame.Warnings)
        {
            await FlushBatchAsync();
            await WriteAsync(SeriesMessage.OfWarning(warning), warning.Length);
        }

        foreach (ChunkSeries series in frame.Series)
        {
            SeriesSent++;
            ChunksSent += series.Chunks.Count;
            long bytes = SeriesSizes.Of(series);
            if (batchSize <= 1)
            {
                await WriteAsync(SeriesMessage.One(series, leaveHashesOut), bytes);
                continue;
            }

            if (_batchBytes + bytes > MaxBatchBytes) await FlushBatchAsync();
            _batch.Add(series);
            _batchBytes += bytes;
            if (_batch.Count >= batchSize) await FlushBatchAsync();
        }

        await ReleaseAsync(last: true);
    }

    public async Task CompleteAsync()
    {
        await FlushBatchAsync();
        await ReleaseAsync(last: true);
    }

    private async Task FlushBatchAsync()
    {
        if (_batch.Count == 0) return;
        var message = SeriesMessage.Batch([.. _batch], leaveHashesOut);
        long bytes = _batchBytes;
        _batch.Clear();
        _batchBytes = 0;
        await WriteAsync(message, bytes);
    }

    /// <summary>Holds one message back, because only the last of a run is flushed.</summary>
    private async Task WriteAsync(SeriesMessage message, long bytes)
    {
        await ReleaseAsync(last: false);
        _held = message;
        _heldBytes = bytes;
    }

    private async Task ReleaseAsync(bool last)
    {
        if (_held is not { } message) return;
        _held = null;
        _unflushedBytes += _heldBytes;
        bool flush = last || _unflushedBytes >= FlushBytes;
        target.WriteOptions = flush ? null : Buffered;
        if (flush) _unflushedBytes = 0;
        await target.WriteAsync(message, cancellationToken);
        // The bytes are in the transport's buffers now.
        ChunkBuffer.Release(message.Series);
    }
}
