using System.Diagnostics;
using System.Globalization;

namespace Aion.EndToEnd.Tests;

/// <summary>A child process whose output is kept, so that a test can wait for a line and a failure can show the log.</summary>
internal sealed class RunningProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Lock _lock = new();

    private RunningProcess(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Both streams, in order of arrival.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public static RunningProcess Start(string name, string file, IEnumerable<string> arguments, string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        var process = new Process { StartInfo = start };
        var running = new RunningProcess(name, process);
        process.OutputDataReceived += (_, e) => running.Keep(e.Data);
        process.ErrorDataReceived += (_, e) => running.Keep(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string file, IEnumerable<string> arguments, TimeSpan? timeout = null, string? workingDirectory = null)
    {
        await using RunningProcess process = Start(Path.GetFileName(file), file, arguments, workingDirectory);
        await process.WaitForExitAsync(timeout ?? TimeSpan.FromMinutes(5));
        return (process.ExitCode, process.Output);
    }

    public async Task WaitForExitAsync(TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Name} did not end within {timeout}; its output:\n{Tail()}");
        }
    }

    /// <summary>Waits until a line holds the text and returns that line.</summary>
    public async Task<string> WaitForLineAsync(string text, TimeSpan? timeout = null)
    {
        string? found = null;
        await Eventually.TrueAsync(
            () =>
            {
                lock (_lock)
                {
                    found = _lines.Find(l => l.Contains(text, StringComparison.Ordinal));
                }

                if (found is null && _process.HasExited) throw new InvalidOperationException($"{Name} ended with {ExitCode} before it printed \"{text}\":\n{Tail()}");
                return Task.FromResult(found is not null);
            },
            $"{Name} prints \"{text}\"",
            timeout,
            () => Tail());
        return found!;
    }

    public void Signal(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            Signal("TERM");
            await WaitForExitAsync(TimeSpan.FromSeconds(60));
        }

        return ExitCode;
    }

    public string Tail(int lines = 40)
    {
        lock (_lock)
        {
            return string.Join('\n', _lines.TakeLast(lines));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_lock)
        {
            _lines.Add(line);
        }
    }
}
