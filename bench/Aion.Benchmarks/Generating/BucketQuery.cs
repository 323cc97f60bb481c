using System.Diagnostics;
using Aion.Hosting;
using Aion.ObjectStorage;
using Aion.PromQL;
using Aion.Storage;
using Aion.StoreApi;
using Aion.StoreGateway;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.Benchmarks;

/// <summary>
/// One expression over a bucket in a local folder, gateway to engine in this process, three times: CPU and wall time, and what was held.
/// The HTTP API's limit of 11,000 points does not apply. Equal start and end: an instant query.
/// </summary>
internal static class BucketQuery
{
    public static async Task RunAsync(string bucket, string expression, long startMs, long endMs, long stepMs, long budgetMiB)
    {
        string data = Directory.CreateTempSubdirectory("aion-bench-").FullName;
        try
        {
            var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
            var context = new ComponentContext("store", NullLoggerFactory.Instance, TimeProvider.System, environment);
            using var gateway = new BucketGateway(
                new FilesystemBucket(bucket, TimeProvider.System), new StoreGatewayOptions { DataDirectory = data }, context);
            await gateway.SyncAsync(default);
            for (var run = 0; run < 3; run++) await RunAsync(gateway.Store, expression, startMs, endMs, stepMs, budgetMiB);
            using Process process = Process.GetCurrentProcess();
            Console.WriteLine($"peak resident {process.PeakWorkingSet64 >> 20} MiB");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task RunAsync(IStore store, string expression, long startMs, long endMs, long stepMs, long budgetMiB)
    {
        using var budget = new MemoryBudget(budgetMiB << 20, "the last argument");
        var options = new QueryOptions { MaxSamples = 0, Timeout = TimeSpan.Zero, Budget = budget };
        var querier = new StoreQuerier(
            store, new StoreQuerierOptions { Dedup = ReplicaDedup.Penalty, ReplicaLabels = ["replica"] });
        var engine = new QueryEngine(TimeProvider.System);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        try
        {
            QueryResult result = startMs == endMs
                ? await engine.InstantAsync(expression, startMs, options, querier, CancellationToken.None)
                : await engine.RangeAsync(expression, startMs, endMs, stepMs, options, querier, CancellationToken.None);
            Console.WriteLine(
                $"{(Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds:F0} ms CPU, {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms wall, "
                + $"{result.Series.Count} series of {result.Grid.Count} steps, {result.Statistics.SamplesRead} samples read, "
                + $"budget peak {budget.PeakBytes >> 20} of {budgetMiB} MiB");
        }
        catch (BudgetExceededException e)
        {
            Console.WriteLine(e.Message);
        }
    }
}
