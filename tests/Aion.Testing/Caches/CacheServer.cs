using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Aion.Testing;

/// <summary>A real redis-server or memcached on a port that was free, which a test may kill, freeze and start again.</summary>
public sealed class CacheServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly string _program;
    private readonly Func<int, IEnumerable<string>> _arguments;
    private readonly TempDirectory _directory = new();
    private Process? _process;

    private CacheServer(string program, Func<int, IEnumerable<string>> arguments)
    {
        _program = program;
        _arguments = arguments;
        Port = FreePort();
    }

    public int Port { get; private set; }

    /// <summary>Host and port.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <param name="more">Further options of redis-server.</param>
    public static Task<CacheServer> RedisAsync(params string[] more) => StartAsync(new CacheServer(
        "redis-server",
        port => ["--port", Text(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no", .. more]));

    /// <param name="certificate">Of the server, with its key and the authority that signed it, as paths.</param>
    public static Task<CacheServer> RedisWithTlsAsync(string certificate, string key, string authority, bool asksClients) => StartAsync(new CacheServer(
        "redis-server",
        port =>
        [
            "--tls-port", Text(port), "--port", "0", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--tls-cert-file", certificate,
            "--tls-key-file", key, "--tls-ca-cert-file", authority, "--tls-auth-clients", asksClients ? "yes" : "no",
        ]));

    /// <param name="configuration">The sentinel's file, but for its port; the sentinel writes into it.</param>
    public static async Task<CacheServer> SentinelAsync(string configuration)
    {
        var server = new CacheServer("redis-server", port => ["sentinel.conf", "--sentinel", "--port", Text(port), "--bind", "127.0.0.1"]);
        await File.WriteAllTextAsync(server._directory.Combine("sentinel.conf"), configuration);
        return await StartAsync(server);
    }

    /// <param name="more">Further options of memcached.</param>
    public static Task<CacheServer> MemcachedAsync(params string[] more) => StartAsync(new CacheServer(
        "memcached", port => ["-p", Text(port), "-l", "127.0.0.1", "-U", "0", "-u", Environment.UserName, .. more]));

    /// <summary>Ends it as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Lets it hang: connections are taken, nothing is answered.</summary>
    public void Freeze()
    {
        Signal("-STOP");
        // The signal is sent before the threads stand still, and one may still answer until then.
        string threads = $"/proc/{_process!.Id}/task";
        SpinWait.SpinUntil(() => Directory.EnumerateDirectories(threads).All(t => File.ReadAllText(Path.Combine(t, "stat")).Contains(") T ", StringComparison.Ordinal)), StartLimit);
    }

    public void Thaw() => Signal("-CONT");

    /// <summary>Starts it again, empty, on its old port.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await RunAsync();
    }

    /// <summary>Runs redis-cli against it and returns what it prints.</summary>
    public async Task<string> RedisCliAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("redis-cli") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-h", "127.0.0.1", "-p", Text(Port), .. arguments]) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }

    /// <summary>The keys that a memcached holds.</summary>
    public async Task<string[]> MemcachedKeysAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync("lru_crawler metadump all\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        var keys = new List<string>();
        while (await reader.ReadLineAsync() is { } line && line != "END")
            if (line.StartsWith("key=", StringComparison.Ordinal)) keys.Add(Uri.UnescapeDataString(line[4..line.IndexOf(' ', StringComparison.Ordinal)]));
        return [.. keys];
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _directory.Dispose();
    }

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<CacheServer> StartAsync(CacheServer server)
    {
        // Another process may take the port between the look and the start.
        for (var attempt = 0; attempt < 5 && !await server.RunAsync(); attempt++) server.Port = FreePort();
        return server._process is not null ? server : throw new InvalidOperationException($"{server._program} does not start");
    }

    private async Task<bool> RunAsync()
    {
        var start = new ProcessStartInfo(_program) { WorkingDirectory = _directory.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in _arguments(Port)) start.ArgumentList.Add(argument);
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail($"{_program} is missing; in CI nothing is skipped");
            Assert.Skip($"{_program} is not on this machine");
        }

        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(StartLimit);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await IsListeningAsync(limit.Token))
        {
            if (_process.HasExited)
            {
                _process.Dispose();
                _process = null;
                return false;
            }

            await tick.WaitForNextTickAsync(limit.Token);
        }

        return true;
    }

    private async Task<bool> IsListeningAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Signal(string signal)
    {
        using Process kill = Process.Start("kill", [signal, Text(_process!.Id)]);
        kill.WaitForExit();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
