using Aion.Hosting;
using Aion.Model;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.Sidecar.Tests;

/// <summary>The reloader beside a Prometheus that runs on what it writes.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly HttpClient _http = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http")]
    [InlineData("signal")]
    public async Task Prometheus_runs_on_each_new_configuration(string method)
    {
        await using RealPrometheus prometheus = await RealPrometheus.StartAsync(blocks: null, scrapes: false);
        var client = new PrometheusClient(_http, prometheus.Address);
        string source = _folder.Combine("prometheus.yml");
        await File.WriteAllTextAsync(source, "global: {external_labels: {replica: $(REPLICA)}}\n", Cancellation);
        var context = new ComponentContext(
            "sidecar", NullLoggerFactory.Instance, TimeProvider.System,
            new ComponentEnvironment { Variable = name => name == "REPLICA" ? "b" : null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() });
        var options = new ReloaderOptions
        {
            ConfigFile = source,
            OutputFile = prometheus.ConfigFile,
            WatchInterval = TimeSpan.FromMinutes(3),
            RetryInterval = TimeSpan.FromMilliseconds(100),
        };
        IReloadTrigger trigger = method == "http" ? new HttpReload(client) : new SignalReload(client, prometheus.ProcessName, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task run = new ConfigReloader(options, trigger, context).RunAsync(stop.Token);

        await UntilLabelsAsync(client, run, Labels.Of("replica", "b"));
        // As an editor and Kubernetes do it: another file takes the name.
        await File.WriteAllTextAsync(source + ".new", "global: {external_labels: {replica: $(REPLICA), zone: one}}\n", Cancellation);
        File.Move(source + ".new", source, overwrite: true);
        await UntilLabelsAsync(client, run, Labels.Of("replica", "b", "zone", "one"));
        // One that Prometheus refuses changes nothing, and the next is taken.
        await File.WriteAllTextAsync(source, "no configuration\n", Cancellation);
        while ((await client.LoadedConfigAsync(Cancellation)).Succeeded) await Task.Delay(20, Cancellation);
        await File.WriteAllTextAsync(source, "global: {external_labels: {zone: two}}\n", Cancellation);
        await UntilLabelsAsync(client, run, Labels.Of("zone", "two"));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_process_that_is_not_there_is_named()
    {
        await using RealPrometheus prometheus = await RealPrometheus.StartAsync(blocks: null, scrapes: false);
        var trigger = new SignalReload(new PrometheusClient(_http, prometheus.Address), "no-such-process", TimeProvider.System);

        var e = await Assert.ThrowsAsync<Storage.StoreException>(() => trigger.ReloadAsync(Cancellation));

        Assert.Contains("no process is named \"no-such-process\" (--reloader.process-name)", e.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    private static async Task UntilLabelsAsync(PrometheusClient client, Task run, Labels expected)
    {
        while (await client.ExternalLabelsAsync(Cancellation) != expected)
        {
            if (run.IsCompleted) await run;
            await Task.Delay(20, Cancellation);
        }
    }
}
