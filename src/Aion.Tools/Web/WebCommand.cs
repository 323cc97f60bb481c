using Aion.Blocks;
using Aion.Compactor;
using Aion.Hosting;
using Aion.ObjectStorage;
using Microsoft.AspNetCore.Builder;

namespace Aion.Tools;

/// <summary><c>tools bucket web</c>: the blocks of a bucket as a page and an API.</summary>
internal static class WebCommand
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket web", "Web interface for the blocks of the bucket.", static flags => new WebFlags(flags), SetupAsync);

    private static async Task SetupAsync(
        WebFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        TimeSpan refresh = WebFlags.Positive(flags, handles.Refresh), timeout = WebFlags.Positive(flags, handles.Timeout);
        if (timeout < TimeSpan.FromMinutes(1)) context.Logger.Warn("timeout is less than one minute", [("timeout", timeout)]);
        if (refresh < TimeSpan.FromMinutes(1)) context.Logger.Warn("refresh interval is less than one minute", [("refresh", refresh)]);
        List<IBlockFilter> filters =
        [
            handles.TimeRange.Filter(flags, context.Time),
            await handles.Selector.FilterAsync(flags, context, cancellationToken),
        ];
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        BlocksView view = new(bucket, new BlocksViewOptions
        {
            Source = new MetaSourceOptions { MetricPrefix = "thanos_bucket_" },
            Filters = filters,
            Refresh = refresh,
            Timeout = timeout,
            TimeoutFlag = "--" + handles.Timeout.Name,
        }, context);
        string prefix = RoutePrefix.Effective(flags.Get(handles.Route), flags.Get(handles.External));
        new HttpServer(context, handles.Http.Options(flags), routes =>
        {
            var links = new WebPrefix(prefix, flags.Get(handles.External), flags.Get(handles.Header));
            BlocksPage.Map(routes, prefix, links);
            if (prefix.Length > 0) routes.MapGet("/", http => StaticPage.RedirectAsync(http, links.Of(http) + "/blocks"));
            ApiRoutes api = new(routes, new HttpMetrics(context.Metrics), context.Logger, prefix, !flags.Get(handles.DisableCors));
            new StatusApi(context.Environment.Build, [.. flags.Texts()], context.Time.GetUtcNow()).Map(api);
            // Only the global view has blocks: this process loads none.
            view.Api(flags.Get(handles.Label), flags.Get(handles.NoAdminOperations), () => BlocksSnapshot.Empty).Map(api);
        }).AddTo(group);
        group.Add("refresh", async token =>
        {
            using (view)
            {
                await view.RunAsync(token);
            }
        });
        context.Probe.SetReady();
    }
}

/// <summary>Flags of <c>tools bucket web</c>.</summary>
internal sealed class WebFlags(FlagSet flags)
{
    public HttpFlags Http { get; } = new(flags);

    public Flag<string> Route { get; } = flags.String(
        "web.route-prefix", "Path prefix of the API and the page. Without it the path of --web.external-prefix is taken.", "");

    public Flag<string> External { get; } = flags.String(
        "web.external-prefix", "Path prefix under which users reach this process, when a proxy adds one.", "");

    public Flag<string> Header { get; } = flags.String(
        "web.prefix-header", "Request header in which a proxy names the prefix that it adds; not read with --web.external-prefix.", "");

    public Flag<bool> DisableCors { get; } = flags.Bool("web.disable-cors", "Leave out the headers that let pages of other sites use the API.");

    public Flag<TimeSpan> Refresh { get; } = flags.GoDuration("refresh", "How often the blocks are read anew.", "30m");

    public Flag<TimeSpan> Timeout { get; } = flags.GoDuration("timeout", "How long reading the blocks may take.", "5m");

    public Flag<string> Label { get; } = flags.String("label", "External label that groups of blocks are titled by.");

    public Flag<bool> NoAdminOperations { get; } = flags.Bool("disable-admin-operations", "Refuse to mark blocks.");

    public TimeRangeFlags TimeRange { get; } = new(flags);

    public SelectorFlag Selector { get; } = new(flags);

    /// <exception cref="ComponentException">It is zero or less.</exception>
    public static TimeSpan Positive(ParsedFlags values, Flag<TimeSpan> flag) =>
        values.Get(flag) is var value && value > TimeSpan.Zero ? value : throw new ComponentException($"--{flag.Name} must be more than 0");
}
