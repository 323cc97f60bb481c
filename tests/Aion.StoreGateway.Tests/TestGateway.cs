using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.StoreGateway.Tests;

/// <summary>A store gateway in this process, over a bucket whose calls are recorded and may fail.</summary>
internal sealed class TestGateway : IDisposable
{
    public TestGateway(IBucket bucket, StoreGatewayOptions options, TimeProvider? time = null)
    {
        Bucket = new FaultyBucket(bucket);
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
        Context = new ComponentContext("store", NullLoggerFactory.Instance, time ?? TimeProvider.System, environment);
        Gateway = new BucketGateway(Bucket, options, Context);
    }

    public FaultyBucket Bucket { get; }

    public BucketGateway Gateway { get; }

    public ComponentContext Context { get; }

    public IStore Store => Gateway.Store;

    public static async Task<TestGateway> SyncedAsync(string folder, StoreGatewayOptions options, TimeProvider? time = null, bool isLocal = false)
    {
        var gateway = new TestGateway(new FilesystemBucket(folder, TimeProvider.System), options, time) { Bucket = { PassesFiles = isLocal } };
        await gateway.Gateway.SyncAsync(CancellationToken.None);
        return gateway;
    }

    public void Dispose() => Gateway.Dispose();

    /// <summary>The calls on one kind of object, by the end of its key.</summary>
    public IReadOnlyList<string> CallsOn(string suffix) =>
        [.. Bucket.Calls.Where(c => c.Key.EndsWith(suffix, StringComparison.Ordinal)).Select(c => c.Operation)];

    public Task<(List<ChunkSeries> Series, List<string> Warnings)> SelectAsync(params LabelMatcher[] matchers) =>
        SelectAsync(PartialResponse.Abort, matchers);

    public async Task<(List<ChunkSeries> Series, List<string> Warnings)> SelectAsync(PartialResponse partial, params LabelMatcher[] matchers)
    {
        var series = new List<ChunkSeries>();
        var warnings = new List<string>();
        var request = new SelectRequest { MinTimeMs = 0, MaxTimeMs = 100_000, Matchers = matchers, PartialResponse = partial };
        await foreach (SeriesFrame frame in Store.SelectAsync(request, CancellationToken.None))
        {
            series.AddRange(frame.Series);
            warnings.AddRange(frame.Warnings);
        }

        return (series, warnings);
    }

    /// <summary>The value of a metric without labels, as it would be scraped.</summary>
    public async Task<double> MetricAsync(string name)
    {
        using var text = new MemoryStream();
        await Context.Metrics.Registry.CollectAndExportAsTextAsync(text);
        string line = System.Text.Encoding.UTF8.GetString(text.ToArray()).Split('\n').First(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
