using Aion.Blocks;
using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary><c>tools bucket replicate</c>: copies blocks into another bucket, once or for ever.</summary>
internal static class ReplicateCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket replicate", "Copy blocks from this bucket to another.", static flags => new ReplicateFlags(flags), SetupAsync);

    private static async Task SetupAsync(
        ReplicateFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        ReplicationSelection selection = handles.Selection(flags);
        TimePartitionFilter timeRange = handles.TimeRange.Filter(flags, context.Time);
        new HttpServer(context, handles.Http.Options(flags)).AddTo(group);
        IBucket from = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        IBucket to = await OpenTargetAsync(handles, flags, context, cancellationToken);

        var metrics = new ReplicationMetrics(context.Metrics.Factory);
        var replicator = new BlockReplicator(from, to, metrics, context.Logger);
        var source = new MetaSource(from, new MetaSourceOptions { MetricPrefix = "" }, context.Metrics.Factory, context.Logger);
        List<IBlockFilter> filters = selection.Ids.Count > 0 ? [] : [timeRange];
        if (selection.Ids.Count == 0 && flags.Get(handles.IgnoreMarked))
            filters.Add(new DeletionMarkFilter(from, TimeSpan.FromSeconds(-1), 32, context.Logger));
        var fetcher = new MetaFetcher(source, filters, context.Metrics.Factory, context.Time, context.Logger);

        async Task RunOnceAsync(CancellationToken token)
        {
            long start = context.Time.GetTimestamp();
            var outcome = "error";
            try
            {
                MetaFetchResult result = await fetcher.FetchWholeAsync(token);
                await replicator.RunAsync(selection.Of(result.Metas), context, token);
                outcome = "success";
            }
            finally
            {
                metrics.Ran(outcome, context.Time.GetElapsedTime(start));
            }
        }

        bool once = flags.Get(handles.SingleRun) || selection.Ids.Count > 0;
        group.Add("replicate", async token =>
        {
            using (source)
            {
                context.Probe.SetReady();
                if (once) await RunOnceAsync(token);
                else await RunForEverAsync(RunOnceAsync, context, token);
            }
        });
        context.Logger.Info("starting replication");
    }

    private static async Task RunForEverAsync(Func<CancellationToken, Task> runOnce, ComponentContext context, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Interval, context.Time);
        do
        {
            try
            {
                await runOnce(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next round tries again: a bucket that is away for an hour must not need an operator.
                context.Logger.Error("running replication failed", [("err", e)]);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private static async Task<IBucket> OpenTargetAsync(
        ReplicateFlags handles, ParsedFlags flags, ComponentContext context, CancellationToken cancellationToken)
    {
        string yaml = await handles.Target.ReadAsync(flags, context.Environment, cancellationToken);
        if (yaml.Length == 0)
            throw new ComponentException($"No supported bucket was configured to replicate to: --{handles.Target.Name} or --{handles.Target.File.Name} is required");
        return await context.OpenBucketAsync(handles.Target, flags, cancellationToken);
    }
}
