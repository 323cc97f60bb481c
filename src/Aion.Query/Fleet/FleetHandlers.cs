using System.Globalization;
using Aion.Hosting;
using Aion.Model;
using Aion.Protocol;
using Aion.Protocol.Wire.ExemplarsApi;
using Aion.Protocol.Wire.RulesApi;
using Aion.Protocol.Wire.StatusApi;
using Aion.Protocol.Wire.TargetsApi;
using Aion.Storage;
using Aion.StoreApi;
using Microsoft.AspNetCore.Http;
using MetadataApi = Aion.Protocol.Wire.MetadataApi;
using Strategy = Aion.Protocol.Wire.PartialResponseStrategy;

namespace Aion.Query;

/// <summary>Answers <c>rules</c>, <c>alerts</c>, <c>targets</c>, <c>metadata</c>, <c>query_exemplars</c> and <c>status/tsdb</c>.</summary>
/// <remarks>Source: reference/http-api.md H-4, grpc-api.md G-8 to G-13.</remarks>
internal sealed class FleetHandlers(QueryApiOptions options, IFleetApis apis, QueryBudgets budgets, TimeProvider time)
{
    private const int DefaultStatistics = 10;

    private readonly QueryParameterReader _reader = new(options, time);

    public async Task<ApiResult> RulesAsync(HttpContext http, ApiForm form, CancellationToken cancellationToken)
    {
        string type = FromUrl(http, "type");
        RulesRequest.Types.Type kind = type.ToUpperInvariant() switch
        {
            "" or "ALL" => RulesRequest.Types.Type.All,
            "ALERT" => RulesRequest.Types.Type.Alert,
            "RECORD" => RulesRequest.Types.Type.Record,
            _ => throw new BadParameterException($"invalid rules parameter type='{type}'"),
        };
        IReadOnlyList<string> selectors = form.All("match[]");
        var filter = new RuleFilter(
            form.All("rule_name[]").ToHashSet(StringComparer.Ordinal), form.All("rule_group[]").ToHashSet(StringComparer.Ordinal),
            form.All("file[]").ToHashSet(StringComparer.Ordinal), [.. selectors.SelectMany(RuleSelector)]);
        var request = new RulesRequest { Type = kind, MatcherString = { selectors }, RuleName = { filter.Names }, RuleGroup = { filter.Groups }, File = { filter.Files } };
        return await GroupsAsync(http, request, filter, FleetJson.Groups, cancellationToken);
    }

    public Task<ApiResult> AlertsAsync(HttpContext http, CancellationToken cancellationToken) =>
        GroupsAsync(http, new RulesRequest { Type = RulesRequest.Types.Type.Alert }, new RuleFilter([], [], [], []), FleetJson.Alerts, cancellationToken);

    public async Task<ApiResult> TargetsAsync(HttpContext http, CancellationToken cancellationToken)
    {
        string state = FromUrl(http, "state");
        var request = new TargetsRequest
        {
            State = state.ToUpperInvariant() switch
            {
                "" or "ANY" => TargetsRequest.Types.State.Any,
                "ACTIVE" => TargetsRequest.Types.State.Active,
                "DROPPED" => TargetsRequest.Types.State.Dropped,
                _ => throw new BadParameterException($"invalid targets parameter state='{state}'"),
            },
            PartialResponseStrategy = Of(options.FleetPartialResponse.Targets),
        };
        return await AskAsync(http, "error retrieving targets: ", async (budget, token) =>
        {
            IReadOnlyList<TargetsResponse> answers = await apis.TargetsAsync(request, budget, token);
            (IReadOnlyList<MergedTarget> active, IReadOnlyList<Labels> dropped) =
                TargetMerge.Merge(answers.Select(a => a.Targets).OfType<TargetDiscovery>(), options.ReplicaLabels.ToHashSet(StringComparer.Ordinal));
            return (json => FleetJson.Targets(json, active, dropped), answers.Select(a => a.Warning));
        }, cancellationToken);
    }

    public async Task<ApiResult> MetadataAsync(HttpContext http, CancellationToken cancellationToken)
    {
        string given = FromUrl(http, "limit");
        int limit = -1;
        if (given.Length > 0 && !int.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out limit))
            throw new BadParameterException($"invalid metric metadata limit='{given}'");
        var request = new MetadataApi.MetricMetadataRequest
        {
            Metric = FromUrl(http, "metric"),
            Limit = limit,
            PartialResponseStrategy = Of(options.FleetPartialResponse.Metadata),
        };
        return await AskAsync(http, "error retrieving metadata: ", async (budget, token) =>
        {
            IReadOnlyList<MetadataApi.MetricMetadataResponse> answers = await apis.MetadataAsync(request, budget, token);
            IReadOnlyList<KeyValuePair<string, IReadOnlyList<MetadataApi.Meta>>> merged =
                MetadataMerge.Merge(answers.Select(a => a.Metadata).OfType<MetadataApi.MetricMetadata>(), limit);
            return (json => FleetJson.Metadata(json, merged), answers.Select(a => a.Warning));
        }, cancellationToken);
    }

    public async Task<ApiResult> ExemplarsAsync(HttpContext http, ApiForm form, CancellationToken cancellationToken)
    {
        var request = new ExemplarsRequest
        {
            Start = ApiScalars.Time(form, "start", ApiScalars.MinTimeMs),
            End = ApiScalars.Time(form, "end", ApiScalars.MaxTimeMs),
            Query = form.First("query"),
            PartialResponseStrategy = Of(options.FleetPartialResponse.Exemplars),
        };
        return await AskAsync(http, "retrieving exemplars: proxy Exemplars: ", async (budget, token) =>
        {
            IReadOnlyList<ExemplarsResponse> answers = await apis.ExemplarsAsync(request, budget, token);
            IReadOnlyList<KeyValuePair<Labels, IReadOnlyList<MergedExemplar>>> merged =
                ExemplarMerge.Merge(answers.Select(a => a.Data).OfType<ExemplarData>(), options.ReplicaLabels.ToHashSet(StringComparer.Ordinal));
            return (json => FleetJson.Exemplars(json, merged), answers.Select(a => a.Warning));
        }, cancellationToken);
    }

    public async Task<ApiResult> StatisticsAsync(HttpContext http, ApiForm form, CancellationToken cancellationToken)
    {
        List<LabelMatcher> matchers = [.. form.All("match[]").SelectMany(QuerySyntax.Selector)];
        int given = ApiScalars.Limit(form), limit = given == 0 ? DefaultStatistics : given;
        if (options.Tenancy.Enforce) matchers.Add(LabelMatcher.Equal(options.Tenancy.LabelName, TenantResolver.Resolve(http, options.Tenancy)));
        var request = new TSDBStatisticsRequest
        {
            Limit = limit,
            PartialResponseStrategy = Of(options.FleetPartialResponse.Status),
            Matchers = { matchers.Select(MatcherMapping.ToWire) },
        };
        return await AskAsync(http, "error retrieving TSDB statistics: ", async (budget, token) =>
        {
            IReadOnlyList<TSDBStatisticsResponse> answers = await apis.StatisticsAsync(request, budget, token);
            TSDBStatisticsEntry merged = StatisticsMerge.Merge(answers.Select(a => a.Statistics).OfType<TSDBStatistics>(), limit);
            return (json => FleetJson.Statistics(json, merged), answers.Select(a => a.Warning));
        }, cancellationToken);
    }

    private Task<ApiResult> GroupsAsync(
        HttpContext http, RulesRequest request, RuleFilter filter, Action<JsonBuffer, IReadOnlyList<MergedGroup>> write, CancellationToken cancellationToken)
    {
        request.PartialResponseStrategy = Of(options.FleetPartialResponse.Rules);
        return AskAsync(http, "error retrieving rules: ", async (budget, token) =>
        {
            IReadOnlyList<RulesResponse> answers = await apis.RulesAsync(request, budget, token);
            IReadOnlyList<MergedGroup> groups = RuleMerge.Merge(
                answers.Select(a => a.Group).OfType<RuleGroup>(), filter, options.ReplicaLabels.ToHashSet(StringComparer.Ordinal));
            return (json => write(json, groups), answers.Select(a => a.Warning));
        }, cancellationToken);
    }

    /// <summary>Asks within the time and memory of one request; what fails is an internal error with the words of the field before it.</summary>
    private async Task<ApiResult> AskAsync(
        HttpContext http, string prefix, Func<MemoryBudget, CancellationToken, Task<(Action<JsonBuffer> Write, IEnumerable<string> Warnings)>> ask, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(options.Timeout, time, cancellationToken);
        // Holds the answer too, so it lives until that is written.
        MemoryBudget budget = budgets.ForRequest();
        http.Response.RegisterForDispose(budget);
        ApiResult? result = null;
        try
        {
            await deadline.RunAsync(async token =>
            {
                (Action<JsonBuffer> write, IEnumerable<string> warnings) = await ask(budget, token);
                result = ApiAnswer.Of(write, [.. warnings.Where(w => w.Length > 0).Distinct()]);
            });
        }
        catch (StoreException e)
        {
            throw new ApiException(ApiErrorType.Internal, prefix + e.Message, e);
        }

        return result!;
    }

    private static IReadOnlyList<LabelMatcher> RuleSelector(string text)
    {
        try
        {
            return QuerySyntax.Selector(text);
        }
        catch (BadParameterException e)
        {
            throw new ApiException(ApiErrorType.Internal, $"error retrieving rules: parser ParseMetricSelector: {e.Message}", e);
        }
    }

    private static Strategy Of(bool partialResponse) => partialResponse ? Strategy.Warn : Strategy.Abort;

    private static string FromUrl(HttpContext http, string name) => ApiForm.FromQuery(http.Request.QueryString.Value).First(name);
}
