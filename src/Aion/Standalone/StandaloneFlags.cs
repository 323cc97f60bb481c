using Aion.Hosting;

namespace Aion.Standalone;

/// <summary>The flags of <c>aion standalone</c>, which is ours alone; names and defaults are those of the components it is made of.</summary>
internal sealed class StandaloneFlags
{
    public StandaloneFlags(FlagSet flags)
    {
        Http = new HttpFlags(flags);
        DataDirectory = flags.String("data-dir", "Folder of the blocks: those it writes, and any that are put there.", "./data");
        PrometheusUrl = flags.String("prometheus.url", "Also answer over this Prometheus, through remote read. Empty for none.", "");
        ScrapeInterval = flags.GoDuration("self.scrape-interval", "How often its own metrics are recorded.", "15s");
        SyncInterval = flags.GoDuration("sync-block-duration", "How often to look for blocks that were put into the folder.", "30s");
        ReplicaLabels = flags.Strings("query.replica-label", "Labels that tell replicas of one series apart; the answer has them merged.", ["replica"]);
        QueryTimeout = flags.PrometheusDuration("query.timeout", "Longest time of a query.", "2m");
        MaxConcurrent = flags.Int("query.max-concurrent", "Queries evaluated at once; others wait. 0 for no limit.", "20");
        LookbackDelta = flags.GoDuration("query.lookback-delta", "How far back an instant selector looks for a sample.", "5m");
        MaxMemoryBytes = flags.Size("query.max-memory-bytes", "What one query may hold in memory; it fails beyond it. 0B for no limit. Not given: a quarter of the memory the process may use.");
        MaxTotalMemoryBytes = flags.Size("query.max-total-memory-bytes",
            "What all queries together may hold in memory; the one that asks for more fails. 0B for no limit. Not given: half of the memory the process may use.");
        MaxSamples = flags.Int64("query.max-samples", "Samples one query may hold at once; beyond it the query fails. 0 for no limit.", "0");
    }

    public HttpFlags Http { get; }

    public Flag<string> DataDirectory { get; }

    public Flag<string> PrometheusUrl { get; }

    public Flag<TimeSpan> ScrapeInterval { get; }

    public Flag<TimeSpan> SyncInterval { get; }

    public Flag<IReadOnlyList<string>> ReplicaLabels { get; }

    public Flag<TimeSpan> QueryTimeout { get; }

    public Flag<int> MaxConcurrent { get; }

    public Flag<TimeSpan> LookbackDelta { get; }

    public Flag<long> MaxMemoryBytes { get; }

    public Flag<long> MaxTotalMemoryBytes { get; }

    public Flag<long> MaxSamples { get; }
}
