using Prometheus;

namespace Aion.Tools;

/// <summary>Upstream's names and meanings; reference/metrics.md M-11.</summary>
internal sealed class ReplicationMetrics
{
    private readonly Counter _runs;
    private readonly Histogram _durations;

    public ReplicationMetrics(IMetricFactory metrics)
    {
        _runs = metrics.CreateCounter("thanos_replicate_replication_runs_total", "The number of replication runs split by success and error.", ["result"]);
        _durations = metrics.CreateHistogram("thanos_replicate_replication_run_duration_seconds", "The duration of replication runs split by success and error.", ["result"]);
        foreach (string result in (string[])["success", "error"])
        {
            _runs.WithLabels(result);
            _durations.WithLabels(result);
        }

        AlreadyReplicated = metrics.CreateCounter("thanos_replicate_blocks_already_replicated_total", "Total number of blocks skipped due to already being replicated.");
        Blocks = metrics.CreateCounter("thanos_replicate_blocks_replicated_total", "Total number of blocks replicated.");
        Objects = metrics.CreateCounter("thanos_replicate_objects_replicated_total", "Total number of objects replicated.");
    }

    public Counter AlreadyReplicated { get; }

    public Counter Blocks { get; }

    public Counter Objects { get; }

    public void Ran(string result, TimeSpan duration)
    {
        _runs.WithLabels(result).Inc();
        _durations.WithLabels(result).Observe(duration.TotalSeconds);
    }
}
