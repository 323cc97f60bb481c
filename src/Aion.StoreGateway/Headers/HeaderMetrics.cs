using Aion.Hosting;
using Prometheus;

namespace Aion.StoreGateway;

/// <summary>The instruments of index-headers, under Thanos's names.</summary>
internal sealed class HeaderMetrics
{
    private static readonly double[] LoadBuckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 30, 60, 90, 120, 300];
    private static readonly double[] DownloadBuckets = [0.1, 0.2, 0.5, 1, 2, 5, 15, 30, 60, 90, 120, 300];

    public HeaderMetrics(MetricsRegistry metrics)
    {
        MetricFactory f = metrics.Factory;
        const string P = "thanos_bucket_store_indexheader_";
        LazyLoads = f.CreateCounter(P + "lazy_load_total", "Total number of index-header lazy load operations.");
        LazyLoadFailures = f.CreateCounter(P + "lazy_load_failed_total", "Total number of failed index-header lazy load operations.");
        LazyUnloads = f.CreateCounter(P + "lazy_unload_total", "Total number of index-header lazy unload operations.");
        LazyUnloadFailures = f.CreateCounter(P + "lazy_unload_failed_total", "Total number of failed index-header lazy unload operations.");
        LazyLoadDuration = metrics.Histogram(P + "lazy_load_duration_seconds", "Duration of the index-header lazy loading in seconds.", LoadBuckets);
        LoadDuration = metrics.Histogram(P + "load_duration_seconds", "Duration of the index-header loading in seconds.", LoadBuckets);
        DownloadDuration = metrics.Histogram(
            P + "download_duration_seconds", "Duration of the index-header download from objstore in seconds.", DownloadBuckets);
    }

    public Counter LazyLoads { get; }

    public Counter LazyLoadFailures { get; }

    public Counter LazyUnloads { get; }

    /// <summary>Stays 0: letting go of a mapping that nobody reads can't fail.</summary>
    public Counter LazyUnloadFailures { get; }

    public Histogram LazyLoadDuration { get; }

    public Histogram LoadDuration { get; }

    public Histogram DownloadDuration { get; }
}
