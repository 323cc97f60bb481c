using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Aion.Model;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>
/// The answer of one store inside a fan-out: received in the background, held in a bounded queue, charged to the budget while it waits.
/// What goes wrong becomes a warning or, when partial answers are not wanted, the failure of the whole.
/// </summary>
internal sealed class StoreStream : IAsyncDisposable
{
    private readonly StoreClient _client;
    private readonly SelectRequest _request;
    private readonly ProxyOptions _options;
    private readonly ProxyMetrics? _metrics;
    private readonly Channel<SeriesFrame> _queue;
    private readonly CancellationTokenSource _stop;
    private readonly FanOutReport? _fanOut;
    private readonly ShareCounter? _share;
    private readonly Task _pump;
    private long _charged;

    public StoreStream(
        StoreClient client, SelectRequest request, ProxyOptions options, ProxyMetrics? metrics, CancellationToken cancellationToken)
    {
        _client = client;
        // A proxy below would add its own stores.
        _request = request.FanOut is null ? request : request with { FanOut = null };
        _options = options;
        _metrics = metrics;
        _queue = Channel.CreateBounded<SeriesFrame>(new BoundedChannelOptions(Math.Max(1, options.BufferedFrames))
        {
            SingleReader = true,
            SingleWriter = true,
        });
        _fanOut = request.FanOut;
        if (_fanOut is not null) _share = new ShareCounter(client, request.BatchSize > 1);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _pump = PumpAsync(_stop.Token);
    }

    /// <summary>The frames, once. A frame's charge ends when the next one is asked for.</summary>
    public async IAsyncEnumerable<SeriesFrame> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (SeriesFrame frame in _queue.Reader.ReadAllAsync(cancellationToken))
        {
            yield return frame;
            if (frame.Series.Count > 0) Release(SeriesSizes.Of(frame));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _pump;
        Release(Volatile.Read(ref _charged));
        _stop.Dispose();
    }

    /// <summary>Never throws: every outcome goes through the queue.</summary>
    private async Task PumpAsync(CancellationToken cancellationToken)
    {
        // Leaves the caller's thread, so that all stores of a fan-out start at once.
        await Task.Yield();
        using var timeout = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _options.Time);
        var progress = new Progress();
        Exception? failure = null;
        try
        {
            await ReceiveAsync(progress, timeout, cancellationToken);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            string wait = GoDuration.Format(_options.ResponseTimeout);
            failure = await FailAsync($"failed to receive any data in {wait} from {_client}", null, cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Unavailable && progress.Frames == 0)
        {
            string text = $"fetch series for {_client.DescribeLabelSets()} {_client}: {StoreErrors.Text(e)}";
            failure = await FailAsync(text, e, cancellationToken);
        }
        catch (Exception e) when (e is BudgetExceededException or OperationCanceledException || ReferenceEquals(e, progress.Abort))
        {
            failure = e;
        }
        catch (Exception e)
        {
            failure = await FailAsync($"receive series from {_client}: {StoreErrors.Text(e)}", null, cancellationToken);
        }

        // Before the end of the queue: who reads to the end finds the report whole.
        if (_share is not null) _fanOut!.Add(_share.Share);
        _queue.Writer.TryComplete(failure);
    }

    private async Task ReceiveAsync(Progress progress, CancellationTokenSource timeout, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        await using IAsyncEnumerator<SeriesFrame> frames =
            _client.Store.SelectAsync(_request, linked.Token).GetAsyncEnumerator(linked.Token);
        Labels? last = null;
        while (await NextAsync(frames, timeout))
        {
            SeriesFrame frame = frames.Current;
            progress.Frames++;
            if (frame.Warnings.Count > 0 && _request.PartialResponse == PartialResponse.Abort)
            {
                progress.Abort = new StoreException(StoreErrorKind.Aborted, frame.Warnings[0]);
                throw progress.Abort;
            }

            last = CheckOrder(frame, last);
            Charge(frame);
            _share?.Count(frame);
            await _queue.Writer.WriteAsync(frame, cancellationToken);
        }

        if (progress.Frames == 0) _metrics?.EmptyStream();
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<SeriesFrame> frames, CancellationTokenSource timeout)
    {
        if (_options.ResponseTimeout <= TimeSpan.Zero) return await frames.MoveNextAsync();
        timeout.CancelAfter(_options.ResponseTimeout);
        bool more = await frames.MoveNextAsync();
        timeout.CancelAfter(Timeout.InfiniteTimeSpan);
        return more;
    }

    /// <summary>Puts the warning into the queue, or returns the failure when partial answers are not wanted.</summary>
    /// <param name="warning">The text that the asker sees.</param>
    /// <param name="cause">The error whose kind the failure keeps; null for failures that count as aborted.</param>
    /// <param name="cancellationToken">Ends the wait for room in the queue.</param>
    private async Task<Exception?> FailAsync(string warning, StoreException? cause, CancellationToken cancellationToken)
    {
        if (_request.PartialResponse == PartialResponse.Abort)
            return new StoreException(cause?.Kind ?? StoreErrorKind.Aborted, warning, cause);
        try
        {
            await _queue.Writer.WriteAsync(SeriesFrame.Warning(warning), cancellationToken);
            return null;
        }
        catch (OperationCanceledException e)
        {
            return e;
        }
    }

    private static Labels? CheckOrder(SeriesFrame frame, Labels? last)
    {
        for (var i = 0; i < frame.Series.Count; i++)
        {
            Labels labels = frame.Series[i].Labels;
            if (last is not null && labels < last)
                throw new StoreException(StoreErrorKind.Internal, $"series {labels} came after {last}, which sorts behind it");
            last = labels;
        }

        return last;
    }

    private void Charge(SeriesFrame frame)
    {
        if (_request.Budget is not { } budget || frame.Series.Count == 0) return;
        long bytes = SeriesSizes.Of(frame);
        budget.Charge(bytes, "series received from stores");
        Interlocked.Add(ref _charged, bytes);
    }

    private void Release(long bytes)
    {
        if (_request.Budget is not { } budget || bytes == 0) return;
        Interlocked.Add(ref _charged, -bytes);
        budget.Release(bytes);
    }

    private sealed class Progress
    {
        public int Frames { get; set; }

        /// <summary>The failure that a store's own warning became.</summary>
        public StoreException? Abort { get; set; }
    }
}
