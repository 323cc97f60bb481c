using System.Collections.Concurrent;
using System.Diagnostics;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>What the operators of one query share. Thread-safe.</summary>
internal sealed class QueryContext(QueryOptions options, IQuerier querier, StepGrid grid, long endMs, CancellationToken cancellationToken, CancellationToken deadline)
    : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, RowPool> _pools = new();
    private readonly ConcurrentBag<SampleBuffer> _buffers = [];
    private readonly ConcurrentBag<IAsyncDisposable> _open = [];
    private int _rentedBuffers;

    public QueryOptions Options { get; } = options;

    public IQuerier Querier { get; } = querier;

    /// <summary>The grid of the whole query, not of a subquery.</summary>
    public StepGrid Grid { get; } = grid;

    /// <summary>The end of the query as asked for; not before the last step.</summary>
    public long EndMs { get; } = endMs;

    public Annotations Annotations { get; } = new();

    public QueryWarnings StoreWarnings { get; } = new();

    public SampleAccount Samples { get; } = new(options.MaxSamples);

    public QueryCounters Counters { get; } = new(grid.Count, options.PerStepStatistics);

    /// <summary>Measures of the operators; null unless the query is analyzed.</summary>
    public PlanProfile? Profile { get; } = options.Analyze ? new PlanProfile() : null;

    public bool DelayedNameRemoval => Options.DelayedNameRemoval;

    /// <summary>Canceled by the caller or by the deadline.</summary>
    public CancellationToken Token { get; } = deadline;

    public RowPool Pool(int count) => _pools.GetOrAdd(count, c => new RowPool(c, Options.Budget, Samples));

    /// <summary>Throws if the query shall stop; polled once a series.</summary>
    public void Poll()
    {
        if (Token.IsCancellationRequested) throw Stopped();
    }

    public PromQLException Stopped() => cancellationToken.IsCancellationRequested
        ? new PromQLException(QueryErrorKind.Canceled, "query was canceled in expression evaluation")
        : new PromQLException(QueryErrorKind.Timeout, "query timed out in expression evaluation");

    /// <summary>Closes a select at the end of the query if it is still open then, as after an error.</summary>
    public void CloseAtEnd(IAsyncDisposable select) => _open.Add(select);

    public async ValueTask DisposeAsync()
    {
        while (_open.TryTake(out IAsyncDisposable? select)) await select.DisposeAsync();
    }

    public SampleBuffer RentBuffer()
    {
        Interlocked.Increment(ref _rentedBuffers);
        return _buffers.TryTake(out SampleBuffer? buffer) ? buffer : new SampleBuffer();
    }

    public void ReturnBuffer(SampleBuffer buffer)
    {
        _buffers.Add(buffer);
        Interlocked.Decrement(ref _rentedBuffers);
    }

    /// <summary>Finds what operators forgot to give back: after an answer only its rows may be out.</summary>
    /// <exception cref="InvalidOperationException">Something leaked.</exception>
    [Conditional("DEBUG")]
    public void CheckReturned(int answerRows)
    {
        int rows = _pools.Values.Sum(p => p.Rented);
        if (rows != answerRows) throw new InvalidOperationException($"{rows - answerRows} rows were not given back");
        if (_rentedBuffers != 0) throw new InvalidOperationException($"{_rentedBuffers} sample buffers were not given back");
    }
}

/// <summary>What the selectors of a query read. Thread-safe.</summary>
internal sealed class QueryCounters(int steps, bool perStep)
{
    private long _total;
    private long _read;

    public long Total => Volatile.Read(ref _total);

    public long Read => Volatile.Read(ref _read);

    public long[]? TotalPerStep { get; } = perStep ? new long[steps] : null;

    public long[]? ReadPerStep { get; } = perStep ? new long[steps] : null;

    public void Add(long total, long read)
    {
        Interlocked.Add(ref _total, total);
        Interlocked.Add(ref _read, read);
    }

    public void AddAt(int step, long total, long read)
    {
        if (TotalPerStep is null || step >= TotalPerStep.Length) return;
        Interlocked.Add(ref TotalPerStep[step], total);
        Interlocked.Add(ref ReadPerStep![step], read);
    }
}
