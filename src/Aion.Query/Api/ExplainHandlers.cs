using Aion.Hosting;
using Aion.PromQL;

namespace Aion.Query;

/// <summary>Answers <c>query_explain</c> and <c>query_range_explain</c>: the operators of a query, without evaluating it.</summary>
/// <remarks>Source: reference/http-api.md H-4.3.</remarks>
internal sealed class ExplainHandlers(QueryApiOptions options, TimeProvider time)
{
    private readonly QueryParameterReader _reader = new(options, time);

    public ApiResult Instant(ApiForm form) => Explain(form, _reader.Instant);

    public ApiResult Range(ApiForm form) => Explain(form, _reader.Range);

    private ApiResult Explain(ApiForm form, Func<ApiForm, QueryParameters> read)
    {
        if (options.EngineOf(form.First("engine")) != "thanos") throw new BadParameterException("engine type must be 'thanos'");
        QueryParameters parameters = read(form);
        QuerySyntax.Check(parameters, options);
        var evaluation = new QueryOptions
        {
            DefaultSubqueryStepMs = (long)options.DefaultEvaluationInterval.TotalMilliseconds,
            Parser = options.Parser,
            DisabledPasses = options.DisabledPlanPasses,
            RemovedLabels = parameters.Select.RemovedLabels,
        };
        QueryOperator root = QueryEngine.Explain(parameters.Query, parameters.StartMs, parameters.EndMs, parameters.StepMs, evaluation);
        return ApiAnswer.Of(json => QueryOperatorJson.Write(json, root, OperatorMeasures.None));
    }
}
