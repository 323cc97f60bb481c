using Aion.Storage;

namespace Aion.PromQL;

/// <summary>Evaluates PromQL. Stateless and thread-safe: one instance serves all queries.</summary>
public sealed class QueryEngine(TimeProvider timeProvider)
{
    /// <summary>Names of the plan passes that <see cref="QueryOptions.DisabledPasses"/> may list.</summary>
    public static IReadOnlyList<string> PassNames { get; } = [.. PlanPasses.All.Select(p => p.Name)];

    /// <summary>Evaluates at one time, milliseconds since the epoch.</summary>
    /// <exception cref="PromQLException">Everything that can go wrong, by kind.</exception>
    public Task<QueryResult> InstantAsync(
        string query, long timeMs, QueryOptions options, IQuerier querier, CancellationToken cancellationToken) =>
        InstantAsync(Parse(query, options), query, timeMs, options, querier, cancellationToken);

    /// <summary>Evaluates a parsed expression; its positions are those in <paramref name="query"/>.</summary>
    /// <inheritdoc cref="InstantAsync(string, long, QueryOptions, IQuerier, CancellationToken)"/>
    public Task<QueryResult> InstantAsync(
        Expr expression, string query, long timeMs, QueryOptions options, IQuerier querier, CancellationToken cancellationToken) =>
        EvaluateAsync(expression, query, StepGrid.Instant(timeMs), timeMs, isRange: false, options, querier, cancellationToken);

    /// <summary>Evaluates at every step of the closed range <c>[startMs, endMs]</c>.</summary>
    /// <exception cref="PromQLException">Everything that can go wrong, by kind.</exception>
    public Task<QueryResult> RangeAsync(
        string query, long startMs, long endMs, long stepMs, QueryOptions options, IQuerier querier, CancellationToken cancellationToken) =>
        RangeAsync(Parse(query, options), query, startMs, endMs, stepMs, options, querier, cancellationToken);

    /// <summary>Evaluates a parsed expression; its positions are those in <paramref name="query"/>.</summary>
    /// <inheritdoc cref="RangeAsync(string, long, long, long, QueryOptions, IQuerier, CancellationToken)"/>
    public Task<QueryResult> RangeAsync(
        Expr expression, string query, long startMs, long endMs, long stepMs, QueryOptions options, IQuerier querier,
        CancellationToken cancellationToken)
    {
        if (expression.Type is not (ValueType.Scalar or ValueType.Vector))
            throw new PromQLException(
                QueryErrorKind.BadData,
                $"invalid expression type \"{expression.Type.DocumentedName()}\" for range query, must be Scalar or instant Vector");
        return EvaluateAsync(
            expression, query, StepGrid.Range(startMs, endMs, stepMs), endMs, isRange: true, options, querier, cancellationToken);
    }

    /// <summary>The operators that a query would be evaluated with; nothing is read.</summary>
    /// <param name="stepMs">0: an instant query at <paramref name="startMs"/>.</param>
    /// <exception cref="PromQLException">The query is none.</exception>
    public static QueryOperator Explain(string query, long startMs, long endMs, long stepMs, QueryOptions options)
    {
        Expr expression = Parse(query, options);
        StepGrid grid = stepMs == 0 ? StepGrid.Instant(startMs) : StepGrid.Range(startMs, endMs, stepMs);
        return new PlanExplanation(expression, null, grid.Count == 1).Show(Plan(expression, grid, endMs, options));
    }

    private static PlanNode Plan(Expr expression, StepGrid grid, long endMs, QueryOptions options) =>
        StepInvariance.Mark(PlanPasses.Run(new Planner(grid, endMs, options.DefaultSubqueryStepMs).Plan(expression), options.DisabledPasses, options.RemovedLabels));

    private static Expr Parse(string query, QueryOptions options)
    {
        try
        {
            return PromQLParser.Parse(query, options.Parser);
        }
        catch (PromQLParseException e)
        {
            throw new PromQLException(QueryErrorKind.BadData, e.Message, e);
        }
    }

    private async Task<QueryResult> EvaluateAsync(
        Expr expression, string query, StepGrid grid, long endMs, bool isRange, QueryOptions options, IQuerier querier,
        CancellationToken cancellationToken)
    {
        PlanNode plan = Plan(expression, grid, endMs, options);
        using CancellationTokenSource deadline = options.Timeout > TimeSpan.Zero
            ? new CancellationTokenSource(options.Timeout, timeProvider)
            : new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await using var context = new QueryContext(options, querier, grid, endMs, cancellationToken, stop.Token);
        try
        {
            QueryResult result = await new QueryRun(context, query, isRange).RunAsync(plan);
            if (context.Profile is { } profile) result.Analysis = new PlanExplanation(expression, profile, grid.Count == 1).Show(plan);
            return result;
        }
        catch (OperationCanceledException e) when (stop.IsCancellationRequested)
        {
            throw new PromQLException(context.Stopped().Kind, context.Stopped().Message, e);
        }
        catch (BudgetExceededException e)
        {
            throw new PromQLException(QueryErrorKind.Execution, e.Message, e);
        }
        catch (StoreException e)
        {
            throw new PromQLException(QueryErrorKind.Execution, $"expanding series: {e.Message}", e);
        }
    }
}
