using Aion.Hosting;
using Aion.Model;
using Aion.PromQL;
using Aion.Storage;

namespace Aion.Query;

/// <summary>Runs queries whose parameters are read, however they came: checked, one of so many at once, within time and memory, counted.</summary>
internal sealed class QueryRunner(
    QueryApiOptions options, IQuerySource source, QueryEngine engine, ConcurrencyGate gate, GateMetrics selects, QueryMetrics metrics, TimeProvider time)
{
    private const string Expanding = "expanding series: ";

    /// <param name="engineName">As the request names it; "" for the default.</param>
    /// <param name="budget">Holds the rows of the answer too: it must live until they are written.</param>
    /// <exception cref="BadParameterException">The text does not parse, or its type does not fit a range query.</exception>
    /// <exception cref="PromQLException">The evaluation failed.</exception>
    public async Task<QueryOutcome> RunAsync(
        QueryParameters parameters, string tenant, string engineName, MemoryBudget budget, CancellationToken cancellationToken)
    {
        if (parameters.IsRange) metrics.RangeRequested(parameters.StartMs, parameters.EndMs);
        QuerySyntax.Check(parameters, options);

        long arrived = time.GetTimestamp();
        using QueryMetrics.Waiting waiting = metrics.Arrive();
        TimeSpan timeout = Timeout(parameters);
        using ConcurrencyGate.Pass pass = await EnterAsync(timeout, cancellationToken);
        waiting.Started();

        var selected = new GatedQuerier(Querier(parameters.Select, tenant), new ConcurrencyGate(options.MaxConcurrentSelect, selects));
        long started = time.GetTimestamp();
        QueryResult result = await EvaluateAsync(parameters, selected, budget, timeout - pass.Waited, engineName, cancellationToken);
        TimeSpan evaluation = time.GetElapsedTime(started);
        metrics.Evaluated(pass.Waited, evaluation, result.Statistics, selected.SeriesCount, tenant);
        return new QueryOutcome(result, new QueryTimings(pass.Waited, evaluation, time.GetElapsedTime(arrived)));
    }

    private IQuerier Querier(SelectParameters select, string tenant)
    {
        IQuerier querier = source.Querier(select, tenant);
        return options.Tenancy.Enforce ? new TenantQuerier(querier, LabelMatcher.Equal(options.Tenancy.LabelName, tenant)) : querier;
    }

    private async Task<ConcurrencyGate.Pass> EnterAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await gate.EnterAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PromQLException(QueryErrorKind.Timeout, "query timed out in query queue", e);
        }
    }

    private async Task<QueryResult> EvaluateAsync(
        QueryParameters parameters, IQuerier querier, MemoryBudget budget, TimeSpan timeLeft, string engineName, CancellationToken cancellationToken)
    {
        var evaluation = new QueryOptions
        {
            LookbackDeltaMs = parameters.LookbackMs,
            // Never zero or less, which would mean no limit.
            Timeout = timeLeft > TimeSpan.FromMilliseconds(1) ? timeLeft : TimeSpan.FromMilliseconds(1),
            MaxSamples = options.MaxSamples,
            DefaultSubqueryStepMs = (long)options.DefaultEvaluationInterval.TotalMilliseconds,
            DelayedNameRemoval = options.DelayedNameRemoval,
            Parser = options.Parser,
            DisabledPasses = options.DisabledPlanPasses,
            RemovedLabels = parameters.Select.RemovedLabels,
            Budget = budget,
            Analyze = Analyzes(parameters, engineName),
        };
        try
        {
            return parameters.IsRange
                ? await engine.RangeAsync(parameters.Query, parameters.StartMs, parameters.EndMs, parameters.StepMs, evaluation, querier, cancellationToken)
                : await engine.InstantAsync(parameters.Query, parameters.StartMs, evaluation, querier, cancellationToken);
        }
        catch (PromQLException e) when (engineName == "thanos" && e.Message.StartsWith(Expanding, StringComparison.Ordinal))
        {
            // Thanos's own engine names the store's fault only.
            throw new PromQLException(e.Kind, e.Message[Expanding.Length..], e);
        }
    }

    private TimeSpan Timeout(QueryParameters parameters)
    {
        TimeSpan timeout = parameters.Timeout is { } asked && asked < options.Timeout ? asked : options.Timeout;
        return timeout > TimeSpan.Zero ? timeout : TimeSpan.FromMilliseconds(1);
    }

    /// <summary>As at Thanos, only for who asks for the engine of that name: the same engine answers, and measuring costs a little.</summary>
    private bool Analyzes(QueryParameters parameters, string engineName) => parameters.WantsAnalysis && options.EngineOf(engineName) == "thanos";
}

/// <summary>An answer and how long it took.</summary>
internal sealed record QueryOutcome(QueryResult Result, QueryTimings Timings);

/// <summary>How long the parts of a query took.</summary>
internal sealed record QueryTimings(TimeSpan Queued, TimeSpan Evaluation, TimeSpan Total)
{
    /// <summary>Writes <c>,"stats":{…}</c>.</summary>
    public void Write(JsonBuffer json, QueryStatistics statistics)
    {
        json.Raw(",\"stats\":{\"timings\":{\"evalTotalTime\":"u8);
        json.Number(Evaluation.TotalSeconds);
        // Series are prepared and rows sorted while the evaluation runs; they take no time of their own.
        json.Raw(",\"resultSortTime\":0,\"queryPreparationTime\":0,\"innerEvalTime\":"u8);
        json.Number(Evaluation.TotalSeconds);
        json.Raw(",\"execQueueTime\":"u8);
        json.Number(Queued.TotalSeconds);
        json.Raw(",\"execTotalTime\":"u8);
        json.Number(Total.TotalSeconds);
        json.Raw("},\"samples\":{\"totalQueryableSamples\":"u8);
        json.Number(statistics.TotalQueryableSamples);
        json.Raw(",\"peakSamples\":"u8);
        json.Number(statistics.PeakSamples);
        json.Raw("}}"u8);
    }
}
