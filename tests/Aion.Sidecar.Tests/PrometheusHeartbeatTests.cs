using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.Sidecar.Tests;

public sealed class PrometheusHeartbeatTests : IAsyncDisposable
{
    private static readonly Labels External = Labels.Of("replica", "a");
    private readonly HttpClient _http = new();
    private readonly ComponentContext _context = new(
        "sidecar", NullLoggerFactory.Instance, TimeProvider.System,
        new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() });
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly PrometheusMetadata _metadata = new(TimeOrDuration.Parse("-1w"), TimeProvider.System);
    private FakePrometheus _prometheus = null!;
    private Task _run = Task.CompletedTask;

    [Fact]
    public async Task It_waits_for_Prometheus_and_follows_its_health()
    {
        var answers = false;
        PrometheusHeartbeat heartbeat = await StartAsync(intercept: http =>
        {
            if (answers) return false;
            http.Response.StatusCode = 503;
            return true;
        });
        await UntilAsync(() => _prometheus.Requests.Count > 2);
        Assert.False(heartbeat.Known.IsCompleted);
        Assert.False(_context.Probe.IsReady);

        answers = true;
        await heartbeat.Known.WaitAsync(_stop.Token);
        Assert.Equal(External, _metadata.ExternalLabels);
        await UntilAsync(() => _context.Probe.IsReady);

        answers = false;
        await UntilAsync(() => !_context.Probe.IsReady);
        Assert.Equal(External, _metadata.ExternalLabels);

        answers = true;
        await UntilAsync(() => _context.Probe.IsReady);
        _prometheus.External = Labels.Of("replica", "b");
        await UntilAsync(() => _metadata.ExternalLabels == Labels.Of("replica", "b"));
        _prometheus.External = Labels.Empty;
        await UntilAsync(() => !_context.Probe.IsReady);
        Assert.False(_run.IsCompleted);
    }

    [Fact]
    public async Task Without_external_labels_the_sidecar_does_not_start()
    {
        await StartAsync(external: Labels.Empty);

        var e = await Assert.ThrowsAsync<ComponentException>(() => _run);

        Assert.Contains("external_labels", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blocks_that_Prometheus_would_compact_stop_the_start_only_where_blocks_are_shipped()
    {
        PrometheusHeartbeat heartbeat = await StartAsync(maxBlock: "36h");
        await heartbeat.Known.WaitAsync(_stop.Token);
        await _prometheus.DisposeAsync();

        await StartAsync(maxBlock: "36h", shipperFile: "/data/thanos.shipper.json");
        var e = await Assert.ThrowsAsync<ComponentException>(() => _run);

        Assert.Contains("storage.tsdb.min-block-duration", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Prometheus_that_hangs_is_given_up_after_the_timeout()
    {
        PrometheusHeartbeat heartbeat = await StartAsync();
        await heartbeat.Known.WaitAsync(_stop.Token);
        await UntilAsync(() => _context.Probe.IsReady);

        _prometheus.Intercept = async http =>
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };

        await UntilAsync(() => !_context.Probe.IsReady);
    }

    [Fact]
    public async Task Shipping_needs_the_data_directory_and_the_labels_in_time()
    {
        using var folder = new TempDirectory();
        var missing = new ShipperOptions { DataDirectory = folder.Combine("nope"), Source = BlockSource.Sidecar };
        var present = missing with { DataDirectory = folder.Path };
        var never = new TaskCompletionSource();

        var noFolder = await Assert.ThrowsAsync<ComponentException>(() => Loop(missing, Task.CompletedTask).RunAsync(_stop.Token));
        var noLabels = await Assert.ThrowsAsync<ComponentException>(() => Loop(present, never.Task).RunAsync(_stop.Token));

        Assert.Contains("--tsdb.path", noFolder.Message, StringComparison.Ordinal);
        Assert.Contains("--prometheus.ready_timeout", noLabels.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_prometheus is not null) await _prometheus.DisposeAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private ShipperLoop Loop(ShipperOptions options, Task labelsKnown)
    {
        var shipper = new Shipper(
            new InMemoryBucket(TimeProvider.System), options, () => External, new ShipperMetrics(_context.Metrics.Factory), TimeProvider.System, NullLogger.Instance);
        return new ShipperLoop(shipper, options, labelsKnown, TimeSpan.FromMilliseconds(50), _context);
    }

    private async Task<PrometheusHeartbeat> StartAsync(
        Labels? external = null, string maxBlock = "2h", string? shipperFile = null, Func<HttpContext, bool>? intercept = null)
    {
        _prometheus = await FakePrometheus.StartAsync(external ?? External, []);
        _prometheus.Flags["storage.tsdb.max-block-duration"] = maxBlock;
        if (intercept is not null) _prometheus.Intercept = http => Task.FromResult(intercept(http));
        var options = new HeartbeatOptions
        {
            Interval = TimeSpan.FromMilliseconds(20),
            Timeout = TimeSpan.FromMilliseconds(500),
            ShipperFile = shipperFile,
        };
        var heartbeat = new PrometheusHeartbeat(new PrometheusClient(_http, _prometheus.Address), _metadata, options, _context);
        _run = heartbeat.RunAsync(_stop.Token);
        return heartbeat;
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition()) await Task.Delay(5, patience.Token);
    }
}
