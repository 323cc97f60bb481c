using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Aion.EndToEnd.Tests;

/// <summary>Debian's Prometheus on a free port, scraping itself every second.</summary>
internal sealed class PrometheusProcess : IAsyncDisposable
{
    private readonly string _directory;
    private readonly string[] _arguments;

    private PrometheusProcess(string directory, int port, string[] arguments)
    {
        _directory = directory;
        _arguments = arguments;
        Url = $"http://127.0.0.1:{port}";
    }

    public string Url { get; }

    public string DataDirectory => Path.Combine(_directory, "data");

    public RunningProcess? Process { get; private set; }

    /// <summary>Prepares a server over <paramref name="directory"/>; blocks already under <c>data/</c> are served.</summary>
    /// <param name="externalLabels">Alternating names and values.</param>
    public static PrometheusProcess Prepare(string directory, bool scrape, params string[] externalLabels)
    {
        Require();
        Directory.CreateDirectory(Path.Combine(directory, "data"));
        int port = FreePort();
        var config = new List<string> { "global:", "  scrape_interval: 1s" };
        if (externalLabels.Length > 0) config.Add("  external_labels:");
        for (var i = 0; i < externalLabels.Length; i += 2) config.Add($"    {externalLabels[i]}: {externalLabels[i + 1]}");
        if (scrape)
            config.AddRange(["scrape_configs:", "  - job_name: prometheus", "    static_configs:", $"      - targets: ['127.0.0.1:{port}']",
                "        labels: { instance: one }"]);
        File.WriteAllLines(Path.Combine(directory, "prometheus.yml"), config);
        return new PrometheusProcess(directory, port,
        [
            $"--config.file={Path.Combine(directory, "prometheus.yml")}", $"--storage.tsdb.path={Path.Combine(directory, "data")}",
            string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"), "--storage.tsdb.min-block-duration=2h",
            "--storage.tsdb.max-block-duration=2h", "--storage.tsdb.retention.time=100y",
        ]);
    }

    public async Task StartAsync()
    {
        Process = RunningProcess.Start("prometheus", "prometheus", _arguments);
        await Eventually.TrueAsync(
            async () => (await Api.Client.GetAsync($"{Url}/-/ready")).IsSuccessStatusCode, "prometheus is ready", explain: () => Process.Tail());
    }

    public async Task StopAsync()
    {
        if (Process is null) return;
        await Process.StopAsync();
        await Process.DisposeAsync();
        Process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (Process is not null) await Process.DisposeAsync();
    }

    private static void Require()
    {
        bool present = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, "prometheus")));
        if (present) return;
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail("prometheus is not installed; in CI nothing is skipped");
        Assert.Skip("prometheus is not installed (Debian package prometheus)");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
