using Aion.Hosting;
using Aion.PromQL;
using Aion.Storage;
using Microsoft.AspNetCore.Http;

namespace Aion.Query;

/// <summary>Answers <c>query</c> and <c>query_range</c>.</summary>
/// <remarks>Source: reference/http-api.md H-4.</remarks>
internal sealed class QueryHandlers(QueryApiOptions options, QueryRunner runner, QueryBudgets budgets, TimeProvider time)
{
    private const string NotAnalyzable = "Query not analyzable; change engine to 'thanos'.";

    private readonly QueryParameterReader _reader = new(options, time);

    public Task<ApiResult> InstantAsync(HttpContext http, ApiForm form, CancellationToken cancellationToken) =>
        AnswerAsync(http, _reader.Instant(form), form.First("engine"), cancellationToken);

    public Task<ApiResult> RangeAsync(HttpContext http, ApiForm form, CancellationToken cancellationToken) =>
        AnswerAsync(http, _reader.Range(form), form.First("engine"), cancellationToken);

    private async Task<ApiResult> AnswerAsync(HttpContext http, QueryParameters parameters, string engineName, CancellationToken cancellationToken)
    {
        string tenant = TenantResolver.Resolve(http, options.Tenancy);
        // Holds the rows of the answer too, so it lives until they are written.
        MemoryBudget budget = budgets.ForRequest();
        http.Response.RegisterForDispose(budget);
        (QueryResult result, QueryTimings timings) = await runner.RunAsync(parameters, tenant, engineName, budget, cancellationToken);
        var writer = new AnswerWriter(result, parameters.WantsStatistics ? timings : null, parameters.WantsAllMeasures ? OperatorMeasures.All : OperatorMeasures.OfThanos);
        return ApiAnswer.Of(writer.WriteAsync, Warnings(result, parameters));
    }

    private static List<string> Warnings(QueryResult result, QueryParameters parameters)
    {
        List<string> warnings = Annotations.Shown(result.Warnings, result.Infos);
        if (parameters.WantsAnalysis && result.Analysis is null) warnings.Add(NotAnalyzable);
        return warnings;
    }

    /// <summary>The <c>data</c> of an answer.</summary>
    private sealed class AnswerWriter(QueryResult result, QueryTimings? timings, OperatorMeasures measures)
    {
        public async ValueTask WriteAsync(JsonBuffer json, Func<ValueTask> drain)
        {
            await new QueryResultJson(json, drain).WriteAsync(result);
            timings?.Write(json, result.Statistics);
            json.Raw(",\"analysis\":"u8);
            if (result.Analysis is { } analysis) QueryOperatorJson.Write(json, analysis, measures);
            else json.Raw("{}"u8);
            json.Raw((byte)'}');
        }
    }
}
