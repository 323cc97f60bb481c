using System.Globalization;
using Prometheus;

namespace Aion.Hosting;

/// <summary><c>process_*</c>: read anew at each collection; what the system does not tell is left out, not shown as zero.</summary>
internal static class ProcessMetrics
{
    public static void Register(MetricsRegistry metrics)
    {
        MetricFactory factory = metrics.Factory;
        Counter cpu = factory.CreateCounter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.");
        Gauge resident = factory.CreateGauge("process_resident_memory_bytes", "Resident memory size in bytes.");
        Gauge virtualMemory = factory.CreateGauge("process_virtual_memory_bytes", "Virtual memory size in bytes.");
        Gauge start = factory.CreateGauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.");
        Gauge threads = factory.CreateGauge("process_threads", "Number of operating system threads.");
        using (var process = System.Diagnostics.Process.GetCurrentProcess())
            start.Set(new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);

        metrics.Registry.AddBeforeCollectCallback(() =>
        {
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            cpu.IncTo(process.TotalProcessorTime.TotalSeconds);
            resident.Set(process.WorkingSet64);
            virtualMemory.Set(process.VirtualMemorySize64);
            threads.Set(process.Threads.Count);
        });
        if (OperatingSystem.IsLinux()) RegisterFiles(metrics);
    }

    private static void RegisterFiles(MetricsRegistry metrics)
    {
        Gauge open = metrics.Factory.CreateGauge("process_open_fds", "Number of open file descriptors.");
        double? limit = FileLimit();
        if (limit is { } max) metrics.Factory.CreateGauge("process_max_fds", "Maximum number of open file descriptors.").Set(max);
        metrics.Registry.AddBeforeCollectCallback(() => open.Set(Directory.EnumerateFileSystemEntries("/proc/self/fd").Count()));
    }

    // "Max open files            1024                 524288               files"
    private static double? FileLimit()
    {
        const string Row = "Max open files";
        string? line = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith(Row, StringComparison.Ordinal));
        string? soft = line?[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return double.TryParse(soft, NumberStyles.Integer, CultureInfo.InvariantCulture, out double value) ? value : null;
    }
}
