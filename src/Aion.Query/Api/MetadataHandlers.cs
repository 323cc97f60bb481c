using Aion.Hosting;
using Aion.Model;
using Aion.Storage;
using Microsoft.AspNetCore.Http;

namespace Aion.Query;

/// <summary>Answers <c>series</c>, <c>labels</c> and <c>label/…/values</c>.</summary>
/// <remarks>Source: reference/http-api.md H-4.</remarks>
internal sealed class MetadataHandlers(QueryApiOptions options, IQuerySource source, QueryBudgets budgets, TimeProvider time)
{
    // An object of text, and its place in two lists.
    private const long StringOverheadBytes = 40;

    private const string Truncated = "results truncated due to limit";

    private readonly QueryParameterReader _reader = new(options, time);

    public async Task<ApiResult> SeriesAsync(HttpContext http, ApiForm form, CancellationToken cancellationToken)
    {
        MetadataParameters parameters = _reader.Series(form);
        string tenant = TenantResolver.Resolve(http, options.Tenancy);
        using Deadline deadline = new(options.Timeout, time, cancellationToken);
        using MemoryBudget budget = budgets.ForRequest();
        var warnings = new QueryWarnings();
        var found = new SortedSet<Labels>();
        IQuerier querier = source.Querier(parameters.Select, tenant);
        await deadline.RunAsync(async token =>
        {
            foreach (IReadOnlyList<LabelMatcher> matchers in Sets(parameters, tenant))
                await CollectAsync(querier, Hints(parameters, matchers, warnings, budget), found, token);
        });
        List<Labels> series = [.. found];
        if (Cut(series, parameters.Limit)) warnings.Add(Truncated);
        return ApiAnswer.Of((json, drain) => WriteAsync(json, drain, series), warnings.ToList());
    }

    public async Task<ApiResult> LabelNamesAsync(HttpContext http, ApiForm form, CancellationToken cancellationToken)
    {
        MetadataParameters parameters = _reader.Labels(form);
        string tenant = TenantResolver.Resolve(http, options.Tenancy);
        return await TextsAsync(parameters, tenant, (matchers, token) => source.LabelNamesAsync(
            new LabelNamesRequest
            {
                MinTimeMs = parameters.Range.MinMs,
                MaxTimeMs = parameters.Range.MaxMs,
                Matchers = matchers,
                PartialResponse = Strategy(parameters),
                Limit = Asked(parameters),
                Tenant = tenant,
            }, parameters.Select, token), cancellationToken);
    }

    public async Task<ApiResult> LabelValuesAsync(HttpContext http, ApiForm form, CancellationToken cancellationToken)
    {
        string label = EscapedNames.Unescape((string)http.Request.RouteValues["name"]!);
        MetadataParameters parameters = _reader.Labels(form);
        string tenant = TenantResolver.Resolve(http, options.Tenancy);
        return await TextsAsync(parameters, tenant, (matchers, token) => source.LabelValuesAsync(
            new LabelValuesRequest
            {
                Label = label,
                MinTimeMs = parameters.Range.MinMs,
                MaxTimeMs = parameters.Range.MaxMs,
                Matchers = matchers,
                PartialResponse = Strategy(parameters),
                Limit = Asked(parameters),
                Tenant = tenant,
            }, parameters.Select, token), cancellationToken);
    }

    private static async Task CollectAsync(IQuerier querier, SelectHints hints, SortedSet<Labels> found, CancellationToken cancellationToken)
    {
        await foreach (IReadOnlyList<SampleSeries> batch in querier.SelectAsync(hints, cancellationToken))
        {
            foreach (SampleSeries series in batch)
            {
                if (!found.Add(series.Labels)) continue;
                // The label set, and a node of the sorted set that holds it.
                hints.Budget?.Charge(series.Labels.SizeBytes + 64, "series of a metadata request");
            }
        }
    }

    private async Task<ApiResult> TextsAsync(
        MetadataParameters parameters, string tenant,
        Func<IReadOnlyList<LabelMatcher>, CancellationToken, Task<LabelsAnswer>> ask, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(options.Timeout, time, cancellationToken);
        using MemoryBudget budget = budgets.ForRequest();
        var warnings = new QueryWarnings();
        var texts = new List<string>();
        IReadOnlyList<IReadOnlyList<LabelMatcher>> sets = Sets(parameters, tenant);
        await deadline.RunAsync(async token =>
        {
            foreach (IReadOnlyList<LabelMatcher> matchers in sets.Count == 0 ? [[]] : sets)
            {
                LabelsAnswer answer = await ask(matchers, token);
                budget.Charge(answer.Values.Sum(v => (v.Length * 2L) + StringOverheadBytes), "label names or values");
                texts.AddRange(answer.Values);
                warnings.AddRange(answer.Warnings);
            }
        });
        texts.Sort(Utf8Text.CompareByBytes);
        Unique(texts);
        if (Cut(texts, parameters.Limit)) warnings.Add(Truncated);
        return ApiAnswer.Of(texts, warnings.ToList());
    }

    private IReadOnlyList<IReadOnlyList<LabelMatcher>> Sets(MetadataParameters parameters, string tenant) => options.Tenancy.Enforce
        ? TenantMatchers.Confine(parameters.MatcherSets, LabelMatcher.Equal(options.Tenancy.LabelName, tenant))
        : parameters.MatcherSets;

    private static SelectHints Hints(MetadataParameters parameters, IReadOnlyList<LabelMatcher> matchers, QueryWarnings warnings, MemoryBudget budget) => new()
    {
        Matchers = matchers,
        MinTimeMs = parameters.Range.MinMs,
        MaxTimeMs = parameters.Range.MaxMs,
        Query = new QueryHints { Function = "series" },
        SkipSamples = true,
        Warnings = warnings,
        Budget = budget,
    };

    private static PartialResponse Strategy(MetadataParameters parameters) =>
        parameters.Select.PartialResponse ? PartialResponse.Warn : PartialResponse.Abort;

    // One more than wanted, so that a cut is noticed.
    private static long Asked(MetadataParameters parameters) => parameters.Limit == 0 ? 0 : parameters.Limit + 1L;

    private static void Unique(List<string> sorted)
    {
        var kept = 0;
        for (var i = 0; i < sorted.Count; i++)
            if (kept == 0 || sorted[kept - 1] != sorted[i]) sorted[kept++] = sorted[i];
        sorted.RemoveRange(kept, sorted.Count - kept);
    }

    private static bool Cut<T>(List<T> list, int limit)
    {
        if (limit == 0 || list.Count <= limit) return false;
        list.RemoveRange(limit, list.Count - limit);
        return true;
    }

    private static async ValueTask WriteAsync(JsonBuffer json, Func<ValueTask> drain, List<Labels> series)
    {
        json.Raw((byte)'[');
        for (var i = 0; i < series.Count; i++)
        {
            if (i > 0) json.Raw((byte)',');
            LabelsJson.Write(json, series[i]);
            await drain();
        }

        json.Raw((byte)']');
    }
}
