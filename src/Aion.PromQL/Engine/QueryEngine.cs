using Aion.Storage;

namespace Aion.PromQL;

/// <summary>Evaluates PromQL. Stateless and thread-safe: one instance serves all queries.</summary>
public sealed class QueryEngine(TimeProvider timeProvider)
{
    private readonly TimeProvider _timeProvider = timeProvider;

    /// <summary>Names of the plan passes that <see cref="QueryOptions.DisabledPasses"/> may list.</summary>
    public static IReadOnlyList<string> PassNames => [];

    /// <summary>Evaluates at one time, milliseconds since the epoch.</summary>
    /// <exception cref="PromQLException">Everything that can go wrong, by kind.</exception>
    public Task<QueryResult> InstantAsync(
        string query, long timeMs, QueryOptions options, IQuerier querier, CancellationToken cancellationToken) =>
        EvaluateAsync(query, StepGrid.Instant(timeMs), options, querier, cancellationToken);

    /// <summary>Evaluates at every step of the closed range <c>[startMs, endMs]</c>.</summary>
    /// <exception cref="PromQLException">Everything that can go wrong, by kind.</exception>
    public Task<QueryResult> RangeAsync(
        string query, long startMs, long endMs, long stepMs, QueryOptions options, IQuerier querier, CancellationToken cancellationToken) =>
        EvaluateAsync(query, StepGrid.Range(startMs, endMs, stepMs), options, querier, cancellationToken);

    private async Task<QueryResult> EvaluateAsync(
        string query, StepGrid grid, QueryOptions options, IQuerier querier, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = options.Timeout > TimeSpan.Zero
            ? new CancellationTokenSource(options.Timeout, _timeProvider)
            : new CancellationTokenSource();
        await Task.CompletedTask;
        throw new PromQLException(QueryErrorKind.Internal, "PromQL evaluation is not built yet");
    }
}
