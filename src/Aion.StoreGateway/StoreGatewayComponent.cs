using Aion.Blocks;
using Aion.Caching;
using Aion.Hosting;
using Aion.ObjectStorage;
using Aion.Protocol;
using Aion.StoreApi;

namespace Aion.StoreGateway;

/// <summary><c>aion store</c>: the blocks of a bucket behind the Store API.</summary>
public static class StoreGatewayComponent
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "store", "Store node giving access to blocks in a bucket.",
        static flags => new StoreGatewayFlags(flags), SetupAsync);

    /// <summary>How the Store API treats a store made of blocks.</summary>
    internal static StoreServiceOptions ServiceOptions { get; } = new()
    {
        ReadsBlockHints = true,
        LabelValuesMatcherErrorPrefix = "translate request labels matchers: ",
    };

    private static async Task SetupAsync(
        StoreGatewayFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        StoreGatewayOptions options = await WithFilesAsync(StoreGatewayOptions.Of(handles, flags), handles, flags, context, cancellationToken);
        DateTimeOffset now = context.Time.GetUtcNow();
        if (options.MinTimeMs(now) > options.MaxTimeMs(now))
            throw new ComponentException(
                $"invalid argument: --min-time '{flags.Get(handles.MinTime)}' can't be greater than --max-time '{flags.Get(handles.MaxTime)}'");
        RequestLogConfig requestLog = await handles.RequestLog.ReadAsync(flags, context.Environment, cancellationToken);
        IBucket bucket = await context.OpenBucketAsync(handles.ObjectStorage, flags, cancellationToken);
        var gateway = new BucketGateway(bucket, options, context);
        var status = new StatusApi(context.Environment.Build, [.. flags.Texts()], now);
        new HttpServer(context, handles.Http.Options(flags) with { RequestLog = requestLog.Http }, routes =>
        {
            if (flags.Get(handles.WebDisable)) return;
            BlocksApi api = LoadedBlocksApi.Of(gateway, flags.Get(handles.WebLabel), flags.Get(handles.NoAdminOperations));
            var apiRoutes = new ApiRoutes(routes, new HttpMetrics(context.Metrics), context.Logger, prefix: "", !flags.Get(handles.DisableCors));
            api.Map(apiRoutes);
            status.Map(apiRoutes);
            LoadedPage.Map(routes, flags.Get(handles.ExternalPrefix), flags.Get(handles.PrefixHeader));
        }).AddTo(group);
        group.Add("bucket sync", async token =>
        {
            await using (gateway)
            {
                await gateway.RunAsync(token);
            }
        });
        new GrpcServer(
            context, handles.Grpc.Options(flags) with { RequestLog = requestLog.Grpc }, static routes => routes.MapStoreApi(),
            services => services.AddStoreApi(
                gateway.Store, context, ServedApis.Store,
                ServiceOptions with { Matchers = MatchersOf(flags.Get(handles.MatcherCacheSize), context) }))
            .AddTo(group, async token =>
            {
                await gateway.Synced.WaitAsync(token);
                context.Probe.SetReady();
            });
        context.Logger.Info("starting store node");
    }

    /// <summary>Adds what stands in configuration files.</summary>
    private static async Task<StoreGatewayOptions> WithFilesAsync(
        StoreGatewayOptions options, StoreGatewayFlags handles, ParsedFlags flags, ComponentContext context, CancellationToken cancellationToken)
    {
        string cache = await handles.IndexCache.ReadAsync(flags, context.Environment, cancellationToken);
        string caching = await handles.CachingBucket.ReadAsync(flags, context.Environment, cancellationToken);
        string selector = await handles.Selector.ReadAsync(flags, context.Environment, cancellationToken);
        try
        {
            return options with
            {
                IndexCache = cache.Length > 0 ? IndexCacheConfig.Parse(cache) : IndexCacheConfig.OfSize(flags.Get(handles.IndexCacheSize)),
                CachingBucket = caching.Length > 0 ? CachingBucketConfig.Parse(caching, flags.Get(handles.CachingBucket.File)) : null,
                Selector = RelabelFile.ParseSelector(selector),
            };
        }
        catch (FormatException e)
        {
            throw new ComponentException(e.Message, e);
        }
    }

    private static MatcherCache? MatchersOf(int size, ComponentContext context) => size > 0 ? new MatcherCache(size, context.Metrics) : null;
}
