using Aion.Model;

namespace Aion.Storage;

/// <summary>
/// What a query engine reads from: series with decoded, deduplicated samples. Stands over an <see cref="IStore"/> in the querier
/// and over plain samples in tests. Thread-safe.
/// </summary>
public interface IQuerier
{
    /// <summary>
    /// The series that match, in label order, unique, in batches as they arrive. The samples of a series are decoded by its reader,
    /// so several workers can decode different series at once.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(SelectHints hints, CancellationToken cancellationToken);
}

/// <summary>A selector as the engine asks for it. Times are a closed range in milliseconds.</summary>
public sealed record SelectHints
{
    public required IReadOnlyList<LabelMatcher> Matchers { get; init; }

    public required long MinTimeMs { get; init; }

    public required long MaxTimeMs { get; init; }

    public QueryHints Query { get; init; } = new();

    /// <summary>Labels only: the samples will not be read.</summary>
    public bool SkipSamples { get; init; }

    /// <summary>Takes what is missing from the answer.</summary>
    public required QueryWarnings Warnings { get; init; }

    public MemoryBudget? Budget { get; init; }

    /// <summary>
    /// The reader is done with every batch when it asks for the batch after the next one, so it may fetch one ahead, and reads none of its
    /// series again: their memory may be used anew. The last batch may then be empty.
    /// </summary>
    public bool IsReadOnce { get; init; }

    /// <summary>Takes what each endpoint gave; null when nobody wants to know.</summary>
    public FanOutReport? FanOut { get; init; }
}

/// <summary>One series of a select, before its samples are decoded.</summary>
public abstract class SampleSeries
{
    public abstract Labels Labels { get; }

    /// <summary>
    /// True when each value is the number of raw samples that the point stands for, which happens for <c>count_over_time</c> over
    /// downsampled data only: the function then adds the values up instead of counting the points. Stale markers stay as they are.
    /// </summary>
    public virtual bool ValuesAreCounts => false;

    /// <summary>What the series holds before it is decoded, bytes; for memory budgets.</summary>
    public virtual long SizeBytes => Labels.SizeBytes + 64;

    /// <summary>
    /// Appends the samples with <c>minMs ≤ t ≤ maxMs</c>, ascending, one a timestamp, to <paramref name="buffer"/>, stale markers included.
    /// May be called from any thread, by one thread at a time, and again until the select it came from is disposed.
    /// </summary>
    /// <exception cref="StoreException">The chunk bytes are corrupt; the message names the series and the chunk.</exception>
    public abstract void Read(long minMs, long maxMs, SampleBuffer buffer);
}

/// <summary>Warnings of one query, unique, in order of arrival. Thread-safe.</summary>
public sealed class QueryWarnings
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _seen = [];
    private readonly List<string> _list = [];

    public void Add(string warning)
    {
        lock (_lock)
        {
            if (_seen.Add(warning)) _list.Add(warning);
        }
    }

    public void AddRange(IEnumerable<string> warnings)
    {
        foreach (string warning in warnings) Add(warning);
    }

    public IReadOnlyList<string> ToList()
    {
        lock (_lock)
        {
            return [.. _list];
        }
    }
}
