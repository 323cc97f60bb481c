using Aion.Blocks;
using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Compactor;

/// <summary><c>aion compact</c>: compaction, downsampling, retention and cleanup of the blocks of a bucket.</summary>
public static class CompactorComponent
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "compact", "Continuously compacts blocks in an object store bucket.", static flags => new CompactorFlags(flags), SetupAsync);

    private static async Task SetupAsync(
        CompactorFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        CompactorOptions options = await CompactorSetup.OptionsAsync(handles, flags, context, cancellationToken);
        DateTimeOffset now = context.Time.GetUtcNow();
        if (options.MinTimeMs(now) > options.MaxTimeMs(now))
        {
            throw new ComponentException(
                $"invalid argument: --min-time '{flags.Get(handles.MinTime)}' can't be greater than --max-time '{flags.Get(handles.MaxTime)}'");
        }

        IBucket bucket = await context.OpenBucketAsync(handles.ObjectStorage, flags, cancellationToken);
        bool waits = flags.Get(handles.Wait);
        TimeSpan viewInterval = CompactorSetup.Positive(handles.ViewInterval, flags), viewTimeout = CompactorSetup.Positive(handles.ViewTimeout, flags);
        var service = new CompactorService(bucket, options, context, DiskBudget.Of(options.DataDirectory), new BlockWork());
        bool hasApi = waits && !flags.Get(handles.WebDisable);
        BlocksView? viewer = !hasApi ? null : new BlocksView(bucket, new BlocksViewOptions
        {
            // The prefix without an underscore behind it is upstream's.
            Source = new MetaSourceOptions { Concurrency = options.MetaConcurrency, Discovery = options.Discovery, MetricPrefix = "thanos_bucket_ui" },
            Refresh = viewInterval,
            Timeout = viewTimeout,
            TimeoutFlag = "--" + handles.ViewTimeout.Name,
        }, context);
        new HttpServer(context, handles.Http.Options(flags), routes =>
        {
            if (viewer is null) return;
            var api = new CompactorApi(viewer, service, context.Time, flags.Get(handles.WebLabel), flags.Get(handles.NoAdminOperations));
            var metrics = new HttpMetrics(context.Metrics);
            bool sendsCors = !flags.Get(handles.DisableCors);
            var root = new ApiRoutes(routes, metrics, context.Logger, prefix: "", sendsCors);
            api.Map(root);
            new StatusApi(context.Environment.Build, [.. flags.Texts()], now).Map(root);
            // Upstream takes the flag and serves on the root all the same, so clients may be found there.
            string prefix = RoutePrefix.Normalize(flags.Get(handles.RoutePrefix));
            var links = new WebPrefix(prefix, flags.Get(handles.ExternalPrefix), flags.Get(handles.PrefixHeader));
            BlocksPage.Map(routes, "", links);
            if (prefix.Length == 0) return;
            BlocksPage.Map(routes, prefix, links);
            api.Map(new ApiRoutes(routes, metrics, context.Logger, prefix, sendsCors));
        }).AddTo(group);
        group.Add("compactor", async token =>
        {
            using (service)
            {
                if (waits) await service.RunForeverAsync(token);
                else await service.RunOnceAsync(token);
            }
        });
        if (viewer is not null)
        {
            group.Add("block viewer", async token =>
            {
                using (viewer)
                {
                    await viewer.RunAsync(token);
                }
            });
        }

        context.Logger.Info("starting compact node");
        context.Probe.SetReady();
    }
}
