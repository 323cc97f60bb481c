namespace Aion.PromQL;

/// <summary>The evaluation times of a query: <c>StartMs + i · StepMs</c> for <c>0 ≤ i &lt; Count</c>.</summary>
public readonly record struct StepGrid(long StartMs, long StepMs, int Count)
{
    /// <summary>The time of the last step.</summary>
    public long EndMs => At(Count - 1);

    /// <summary>The end asked for lies after the last step. Then even a single step counts as a range, where sorting means nothing.</summary>
    public bool EndsLater { get; init; }

    /// <summary>Start and end are the same.</summary>
    public bool IsInstant => Count == 1 && !EndsLater;

    public static StepGrid Instant(long timeMs) => new(timeMs, 0, 1);

    /// <summary>All steps not after <paramref name="endMs"/>.</summary>
    /// <exception cref="PromQLException">The end is before the start, the step is not positive, or there are more than 2³¹−1 steps.</exception>
    public static StepGrid Range(long startMs, long endMs, long stepMs)
    {
        if (stepMs <= 0) throw new PromQLException(QueryErrorKind.BadData, "zero or negative query resolution step widths are not accepted. Try a positive integer");
        if (endMs < startMs) throw new PromQLException(QueryErrorKind.BadData, "end timestamp must not be before start time");
        ulong steps = ((ulong)endMs - (ulong)startMs) / (ulong)stepMs;
        if (steps >= int.MaxValue) throw new PromQLException(QueryErrorKind.BadData, "the query has more than 2147483646 steps");
        var grid = new StepGrid(startMs, stepMs, (int)steps + 1);
        return grid with { EndsLater = grid.EndMs < endMs };
    }

    public long At(int step) => StartMs + step * StepMs;
}
