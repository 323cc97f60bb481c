using System.Diagnostics;
using System.Text;
using Xunit;

namespace Aion.Testing;

/// <summary>A real server started through its script in shared/services; it stays up afterwards, as those scripts have it.</summary>
public static class ServiceScript
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Starts the server, or finds it running, and returns the variables that the script prints. Skips the test with a reason where the
    /// script is absent or can't install its server; in CI that is a failure.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, string>> StartAsync(string script)
    {
        string path = SharedFolder.Require("services", script);
        // One at a time over all test processes: the scripts themselves do not expect company while they start.
        string gate = Path.Combine(Path.GetTempPath(), "aion-services-start.lock");
        var (status, output, error) = await RunAsync("flock", ["-o", gate, "bash", path, "start"]);
        if (status != 0)
        {
            string reason = $"{script} did not start: {error.Trim()}";
            if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(reason);
            Assert.Skip(reason);
        }

        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals) variables[line[..equals]] = line[(equals + 1)..].Trim('\'');
        return variables;
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using var limit = new CancellationTokenSource(Limit);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }
}
