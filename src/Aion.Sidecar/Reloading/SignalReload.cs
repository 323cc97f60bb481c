using System.Globalization;
using System.Runtime.InteropServices;
using Aion.Storage;

namespace Aion.Sidecar;

/// <summary>
/// SIGHUP to the process of that name, for a Prometheus without <c>--web.enable-lifecycle</c>; whether it went well is read from its
/// runtime information.
/// </summary>
public sealed partial class SignalReload(PrometheusClient prometheus, string processName, TimeProvider time) : IReloadTrigger
{
    // Linux keeps this much of a process's name.
    private const int MaxNameLength = 15;
    private const int Hangup = 1;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public string Method => "signal";

    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        LoadedConfig before = await prometheus.LoadedConfigAsync(cancellationToken);
        await NextSecondAfterAsync(before.Time, cancellationToken);
        int process = Find(processName) ?? throw Failed($"no process is named \"{processName}\" (--reloader.process-name); does this container share its process namespace?");
        if (Kill(process, Hangup) < 0)
            throw Failed($"can't send SIGHUP to process {process}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

        long start = time.GetTimestamp();
        while (true)
        {
            LoadedConfig after = await prometheus.LoadedConfigAsync(cancellationToken);
            // The time moves only when a configuration was taken.
            if (after.Succeeded && after.Time != before.Time) return;
            // After an earlier refusal only time tells whether this one is new.
            bool isLate = time.GetElapsedTime(start) > Patience;
            if (!after.Succeeded && (before.Succeeded || isLate)) throw Failed($"process {process} refused its configuration; its log says why");
            if (isLate) throw Failed($"process {process} did not load its configuration within {Patience.TotalSeconds:0} s of SIGHUP");

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Prometheus tells whole seconds: two loads within one could not be told apart.</summary>
    private async Task NextSecondAfterAsync(string loaded, CancellationToken cancellationToken)
    {
        if (!DateTimeOffset.TryParse(loaded, CultureInfo.InvariantCulture, out DateTimeOffset at)) return;
        TimeSpan wait = at.AddSeconds(1) - time.GetUtcNow();
        if (wait > TimeSpan.Zero && wait <= TimeSpan.FromSeconds(1)) await Task.Delay(wait, time, cancellationToken);
    }

    private static int? Find(string name)
    {
        string kept = name.Length > MaxNameLength ? name[..MaxNameLength] : name;
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int process)) continue;
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd('\n') == kept) return process;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended in between, or is another user's: not the one that is looked for.
            }
        }

        return null;
    }

    private static StoreException Failed(string message) => new(StoreErrorKind.Unavailable, message);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
