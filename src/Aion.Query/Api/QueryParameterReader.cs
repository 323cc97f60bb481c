using Aion.Model;

namespace Aion.Query;

/// <summary>
/// Turns request parameters into <see cref="QueryParameters"/> and <see cref="MetadataParameters"/>, checking them in the order
/// that Thanos does, so that of several faults the same one is reported.
/// </summary>
/// <remarks>Source: reference/http-api.md H-4.1.</remarks>
internal sealed class QueryParameterReader(QueryApiOptions options, TimeProvider time)
{
    private const long MaxPoints = 11_000;
    private const long NsPerMs = 1_000_000;

    private readonly LookbackPolicy _lookback = new((long)options.LookbackDelta.TotalMilliseconds, options.DynamicLookbackDelta);

    /// <exception cref="BadParameterException">A parameter is wrong.</exception>
    public QueryParameters Instant(ApiForm form)
    {
        long at = ApiScalars.Time(form, "time", time.GetUtcNow().ToUnixTimeMilliseconds());
        TimeSpan? timeout = Timeout(form);
        SelectParameters select = Select(form, options.InstantDefaultMaxSourceResolution.Ticks * 100);
        return Query(form, timeout, select) with { StartMs = at, EndMs = at };
    }

    /// <exception cref="BadParameterException">A parameter is wrong.</exception>
    public QueryParameters Range(ApiForm form)
    {
        long start = ApiScalars.Time(form.First("start"));
        long end = ApiScalars.Time(form.First("end"));
        if (end < start) throw new BadParameterException("end timestamp must not be before start time");
        long stepNs = ApiScalars.DurationNs(form, "step") ?? DefaultStepNs(start, end);
        if (stepNs / NsPerMs <= 0)
            throw new BadParameterException("zero or negative query resolution step widths are not accepted. Try a positive integer");
        if ((Int128)(end - start) * NsPerMs / stepNs > MaxPoints)
            throw new BadParameterException("exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)");
        TimeSpan? timeout = Timeout(form);
        SelectParameters select = Select(form, stepNs / 5);
        return Query(form, timeout, select) with { StartMs = start, EndMs = end, StepMs = stepNs / NsPerMs };
    }

    /// <exception cref="BadParameterException">A parameter is wrong.</exception>
    public MetadataParameters Series(ApiForm form)
    {
        if (form.All("match[]").Count == 0) throw new BadParameterException("no match[] parameter provided");
        TimeRange range = ApiScalars.Range(form, options.MetadataDefaultTimeRange, time);
        var matchers = Selectors(form, "match[]");
        bool dedup = ApiScalars.Bool(form, "dedup", true);
        var replicaLabels = ReplicaLabels(form);
        SelectParameters select = Common(form) with { Deduplicate = dedup, ReplicaLabels = replicaLabels, MaxResolutionMs = long.MaxValue };
        int limit = ApiScalars.Limit(form);
        // One more than wanted, so that a cut is noticed.
        return new MetadataParameters { Range = range, MatcherSets = matchers, Select = select with { Limit = limit == 0 ? 0 : limit + 1L }, Limit = limit };
    }

    /// <summary>For label names and label values, which list replica labels too.</summary>
    /// <exception cref="BadParameterException">A parameter is wrong.</exception>
    public MetadataParameters Labels(ApiForm form) => new()
    {
        Range = ApiScalars.Range(form, options.MetadataDefaultTimeRange, time),
        Select = Common(form),
        MatcherSets = Selectors(form, "match[]"),
        Limit = ApiScalars.Limit(form),
    };

    private static TimeSpan? Timeout(ApiForm form) =>
        form.First("timeout") is { Length: > 0 } text ? TimeSpan.FromTicks(ApiScalars.DurationNs(text) / 100) : null;

    private static List<IReadOnlyList<LabelMatcher>> Selectors(ApiForm form, string name)
    {
        var texts = form.All(name);
        if (texts.Count == 0) return [];
        var selectors = new List<IReadOnlyList<LabelMatcher>>(texts.Count);
        foreach (string text in texts) selectors.Add(QuerySyntax.Selector(text));
        return selectors;
    }

    private long DefaultStepNs(long startMs, long endMs)
    {
        long seconds = (endMs / 1000) - (startMs / 1000);
        return Math.Max(seconds / 250, (long)options.DefaultStep.TotalSeconds) * 1_000_000_000;
    }

    private QueryParameters Query(ApiForm form, TimeSpan? timeout, SelectParameters select)
    {
        string engine = form.First("engine");
        // One engine serves both names: its answers are Prometheus's, and there is nothing to fall back to.
        if (engine is not ("" or "prometheus" or "thanos")) throw new BadParameterException($"'{engine}' bad engine");
        long lookbackNs = ApiScalars.DurationNs(form, "lookback_delta") ?? 0;
        return new QueryParameters
        {
            Query = form.First("query"),
            StartMs = 0,
            EndMs = 0,
            Timeout = timeout,
            Select = select,
            LookbackMs = lookbackNs / NsPerMs > 0 ? lookbackNs / NsPerMs : _lookback.For(select.MaxResolutionMs),
            WantsStatistics = form.First("stats").Length > 0,
            WantsAnalysis = form.First("analyze") is "true" or "1" or "all",
            WantsAllMeasures = form.First("analyze") == "all",
        };
    }

    private SelectParameters Select(ApiForm form, long autoResolutionNs)
    {
        bool dedup = ApiScalars.Bool(form, "dedup", true);
        var replicaLabels = ReplicaLabels(form);
        SelectParameters common = Common(form);
        return common with
        {
            Deduplicate = dedup,
            ReplicaLabels = replicaLabels,
            MaxResolutionMs = MaxResolutionMs(form, autoResolutionNs),
            Shard = ShardParameter.Parse(form.First("shard_info")),
        };
    }

    private SelectParameters Common(ApiForm form) => new()
    {
        StoreMatch = Selectors(form, "storeMatch[]"),
        PartialResponse = ApiScalars.Bool(form, "partial_response", options.PartialResponse),
    };

    private IReadOnlyList<string> ReplicaLabels(ApiForm form) =>
        form.All("replicaLabels[]") is { Count: > 0 } given ? given : options.ReplicaLabels;

    private long MaxResolutionMs(ApiForm form, long autoResolutionNs)
    {
        string text = form.First("max_source_resolution");
        long resolutionNs = options.AutoDownsampling || text == "auto" ? autoResolutionNs : 0;
        if (text is not ("" or "auto")) resolutionNs = ApiScalars.DurationNs(form, "max_source_resolution") ?? 0;
        if (resolutionNs < 0)
            throw new BadParameterException("negative 'max_source_resolution' is not accepted. Try a positive integer");
        return resolutionNs / NsPerMs;
    }
}
