using Prometheus;

namespace Aion.Hosting;

/// <summary>
/// The metrics of one component: nothing is registered process-wide, so several components can live in one process. Instruments are
/// made once, at setup, by <see cref="Factory"/>; making the same name twice with the same labels gives the same instrument.
/// </summary>
public sealed class MetricsRegistry
{
    public MetricsRegistry(TimeProvider time)
    {
        Time = time;
        Registry = Prometheus.Metrics.NewCustomRegistry();
        Factory = Prometheus.Metrics.WithCustomRegistry(Registry);
    }

    public TimeProvider Time { get; }

    public CollectorRegistry Registry { get; }

    /// <summary>Creates counters, gauges, histograms and summaries in this registry.</summary>
    public MetricFactory Factory { get; }

    /// <summary>Creates a histogram with the given upper bounds, ascending; +Inf is added.</summary>
    public Histogram Histogram(string name, string help, IReadOnlyList<double> buckets, params string[] labelNames) =>
        Factory.CreateHistogram(name, help, labelNames, new HistogramConfiguration { Buckets = [.. buckets] });

    /// <summary>Adds process, runtime and build metrics.</summary>
    internal void RegisterProcess(BuildInformation build)
    {
        ProcessMetrics.Register(this);
        RuntimeMetrics.Register(this);
        Factory
            .CreateGauge("thanos_build_info",
                "A metric with a constant '1' value labeled by version, revision, branch, goversion, goos, goarch and tags of the build.",
                "branch", "goarch", "goos", "goversion", "revision", "tags", "version")
            .WithLabels(build.Branch, build.Architecture, build.OperatingSystem, build.Runtime, build.Revision, "aion", build.Version)
            .Set(1);
    }
}
