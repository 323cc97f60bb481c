using System.Globalization;
using System.Net;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Query;
using Aion.Storage;
using Aion.StoreApi;
using Aion.StoreGateway;

namespace Aion.Standalone;

/// <summary>
/// <c>aion standalone</c>: the store gateway over a local folder, the query API and, when asked, a Prometheus, in one process. The parts are
/// the ones that run alone elsewhere; they meet as <see cref="IStore"/> objects, with no socket between them.
/// </summary>
internal static class StandaloneComponent
{
    /// <summary>External labels of the blocks it writes; the default replica label drops them from answers.</summary>
    private static readonly Labels External = Labels.Of("replica", "standalone");

    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "standalone", "Everything in one process on a local folder: blocks, PromQL, the page, and its own metrics as first data.",
        static flags => new StandaloneFlags(flags), SetupAsync);

    private static Task SetupAsync(
        StandaloneFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        string directory = OpenDataDirectory(flags.Get(handles.DataDirectory));
        StandalonePrometheus? prometheus = StandalonePrometheus.Create(flags.Get(handles.PrometheusUrl), context);
        var recorder = new SelfMetricsRecorder(
            directory, External, prometheus is null ? [context.Metrics] : [context.Metrics, prometheus.Context.Metrics], context.Time, context.Logger);
        BucketGateway gateway = OpenGateway(directory, flags.Get(handles.SyncInterval), recorder, context);
        QueryApiOptions options = QueryOptions(handles, flags);
        // A single store is asked directly: there is nothing to merge.
        IStore store = prometheus is null ? gateway.Store : ProxyOver([gateway.Store, prometheus.Store], context);
        QueryApi api = QueryApi.Over(
            store, options, context, [.. flags.Texts()], () => [StatusOf(gateway.Store, "store", context), .. prometheus?.Statuses() ?? []],
            fleet: prometheus is null ? null : new LocalFleet(prometheus.Apis, () => prometheus.Store.Info.LabelSets, options.Parser));

        var http = new HttpServer(context, handles.Http.Options(flags), routes => QueryWeb.Map(routes, api, context, options, "", sendsCors: true));
        http.AddTo(group);
        prometheus?.AddTo(group);
        group.Add("blocks", async token =>
        {
            await using (gateway)
            {
                await gateway.RunAsync(token);
            }
        });
        TimeSpan interval = flags.Get(handles.ScrapeInterval);
        if (interval <= TimeSpan.Zero) throw new ComponentException("--self.scrape-interval must be more than 0");
        group.Add("self metrics", token => RecordAsync(recorder, gateway, http, interval, context, token));
        group.Add("banner", token => GreetAsync(gateway, http, context, token));
        context.Logger.Info("starting standalone", [("data_dir", directory)]);
        return Task.CompletedTask;
    }

    private static string OpenDataDirectory(string path)
    {
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ComponentException($"--data-dir {path} can't be used: {e.Message}", e);
        }
    }

    private static BucketGateway OpenGateway(string directory, TimeSpan syncInterval, SelfMetricsRecorder recorder, ComponentContext context)
    {
        if (syncInterval <= TimeSpan.Zero) throw new ComponentException("--sync-block-duration must be more than 0");
        var bucket = new MeteredBucket(new FilesystemBucket(directory, context.Time), new BucketMetrics(context.Metrics.Factory), context.Time);
        return new BucketGateway(
            bucket,
            new StoreGatewayOptions
            {
                Name = $"blocks in {directory}",
                DataDirectory = Path.Combine(directory, ".aion"),
                SyncInterval = syncInterval,
                // The folder is nobody else's: what is marked can go at once.
                DeletionMarksDelay = TimeSpan.Zero,
                MaxConcurrency = 0,
                MoreFilters = [new SupersededFilter(recorder)],
            },
            context);
    }

    private static QueryApiOptions QueryOptions(StandaloneFlags handles, ParsedFlags flags) => new()
    {
        Timeout = flags.Get(handles.QueryTimeout),
        MaxConcurrent = flags.Get(handles.MaxConcurrent),
        LookbackDelta = flags.Get(handles.LookbackDelta),
        MaxMemoryBytes = Bytes(flags, handles.MaxMemoryBytes, QueryApiOptions.DefaultMemoryBytes),
        MaxTotalMemoryBytes = Bytes(flags, handles.MaxTotalMemoryBytes, QueryApiOptions.DefaultTotalMemoryBytes),
        MaxSamples = flags.Get(handles.MaxSamples),
        ReplicaLabels = [.. flags.Get(handles.ReplicaLabels).SelectMany(l => l.Split(',')).Distinct().Order(StringComparer.Ordinal)],
    };

    private static long Bytes(ParsedFlags flags, Flag<long> flag, long otherwise)
    {
        long bytes = flags.IsGiven(flag) ? flags.Get(flag) : otherwise;
        return bytes >= 0 ? bytes : throw new ComponentException($"--{flag.Name} must not be negative");
    }

    private static ProxyStore ProxyOver(IReadOnlyList<IStore> stores, ComponentContext context)
    {
        StoreClient[] clients = [.. stores.Select(s => new StoreClient(s, Address: null))];
        return new ProxyStore(
            () => [.. clients.Where(c => c.Store.Info.MinTimeMs <= c.Store.Info.MaxTimeMs)],
            new ProxyOptions { Component = "query", Time = context.Time }, new ProxyMetrics(context.Metrics));
    }

    internal static StoreStatus StatusOf(IStore store, string component, ComponentContext context, string? error = null) => new(
        component, store.Name, context.Time.GetUtcNow(), error, store.Info.LabelSets, store.Info.MinTimeMs, store.Info.MaxTimeMs);

    private static async Task RecordAsync(
        SelfMetricsRecorder recorder, BucketGateway gateway, HttpServer http, TimeSpan interval, ComponentContext context,
        CancellationToken cancellationToken)
    {
        IPEndPoint address = await http.Listening.WaitAsync(cancellationToken);
        await gateway.Synced.WaitAsync(cancellationToken);
        string instance = string.Create(CultureInfo.InvariantCulture, $"localhost:{address.Port}");
        using var timer = new PeriodicTimer(interval, context.Time);
        do
        {
            try
            {
                await recorder.RecordAsync(instance, cancellationToken);
                await gateway.SyncAsync(cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or BucketException)
            {
                // A full disk costs our own metrics, not the answers.
                context.Logger.Warn("recording own metrics failed, trying again", [("err", e.Message)]);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Says where it listens and what to try, once it can answer.</summary>
    private static async Task GreetAsync(BucketGateway gateway, HttpServer http, ComponentContext context, CancellationToken cancellationToken)
    {
        IPEndPoint address = await http.Listening.WaitAsync(cancellationToken);
        await gateway.Synced.WaitAsync(cancellationToken);
        context.Probe.SetReady();
        string url = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{address.Port}");
        await context.Environment.Output.WriteLineAsync(
            $"""

             Aion answers at {url}

               page   {url}/
               query  curl '{url}/api/v1/query?query=up'
               more   aion standalone --prometheus.url=http://localhost:9090   (also over a Prometheus you run)

             """.AsMemory(), cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, cancellationToken);
    }
}
