using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aion.Testing;

namespace Aion.Sidecar.Tests;

/// <summary>Debian's Prometheus on a free port over a folder of its own. Skips the test where it is not installed.</summary>
internal sealed class RealPrometheus : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly TempDirectory _folder = new();
    private Process? _process;
    private int _port;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public string DataDirectory => _folder.Combine("data");

    /// <summary>What it reads at the start and at each reload.</summary>
    public string ConfigFile => _folder.Combine("prometheus.yml");

    /// <summary>The name by which this process, and no other test's, is found; at most 15 characters.</summary>
    public string ProcessName { get; } = $"prom-{Random.Shared.Next():x8}";

    /// <param name="blocks">Blocks to begin with; null for none.</param>
    /// <param name="scrapes">Whether it scrapes itself, ten times a second.</param>
    public static async Task<RealPrometheus> StartAsync(string? blocks, bool scrapes)
    {
        RequireInstalled();
        var prometheus = new RealPrometheus();
        if (blocks is null) Directory.CreateDirectory(prometheus.DataDirectory);
        else prometheus._folder.CopyOf(blocks, "data");
        await prometheus.LaunchAsync(scrapes);
        return prometheus;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Dispose();
    }

    private static string? Installed() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, "prometheus")).FirstOrDefault(File.Exists);

    private static void RequireInstalled()
    {
        if (Installed() is not null) return;
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail("prometheus is not installed; in CI nothing is skipped");
        Assert.Skip("prometheus is not installed (Debian package prometheus)");
    }

    private async Task LaunchAsync(bool scrapes)
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            _port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        string config = "global:\n  scrape_interval: 100ms\n  scrape_timeout: 100ms\n  external_labels:\n    cluster: one\n    replica: a\n";
        if (scrapes) config += $"scrape_configs:\n- job_name: self\n  static_configs:\n  - targets: ['127.0.0.1:{_port}']\n";
        await File.WriteAllTextAsync(ConfigFile, config);
        File.CreateSymbolicLink(_folder.Combine(ProcessName), Installed()!);
        var start = new ProcessStartInfo(_folder.Combine(ProcessName)) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])
        [
            $"--config.file={ConfigFile}", $"--storage.tsdb.path={DataDirectory}", "--storage.tsdb.retention.time=100y",
            "--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h",
            "--enable-feature=native-histograms", "--web.enable-remote-write-receiver", "--web.enable-lifecycle", string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{_port}"),
        ])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await IsReadyAsync(patience.Token)) await Task.Delay(50, patience.Token);
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (_process!.HasExited) Assert.Fail($"prometheus ended with {_process.ExitCode}");
        try
        {
            using HttpResponseMessage response = await Http.GetAsync(new Uri(Address, "/-/ready"), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
