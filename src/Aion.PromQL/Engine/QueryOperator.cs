using Aion.Storage;

namespace Aion.PromQL;

/// <summary>
/// One operator of a query, as explain and analyze show it. Immutable. The measures are those of an analyzed query and include the operators
/// below: zero when the query was only explained.
/// </summary>
/// <param name="Name">What it does, in the words of Thanos's engine: <c>[aggregate] sum by ([job])</c>.</param>
/// <param name="Children">Its inputs.</param>
public sealed record QueryOperator(string Name, IReadOnlyList<QueryOperator> Children)
{
    /// <summary>From asking for its rows until they were there, over all batches.</summary>
    public TimeSpan ExecutionTime { get; init; }

    /// <summary>The most samples that the query held when a batch of this operator was ready.</summary>
    public long PeakSamples { get; init; }

    /// <summary>Samples in the windows that it and the operators below looked at.</summary>
    public long TotalSamples { get; init; }

    /// <summary>Series handed on, each piece counted where a series comes in several.</summary>
    public long Series { get; init; }

    /// <summary>What the rows that it handed on took in memory, all batches together; they need not have been there at once.</summary>
    public long Bytes { get; init; }

    /// <summary>The most that the whole query held in memory while it and the operators below were at work.</summary>
    public long PeakBytes { get; init; }

    /// <summary>What each endpoint gave, where the operator reads from stores; by address.</summary>
    public IReadOnlyList<EndpointShare> FanOut { get; init; } = [];
}
