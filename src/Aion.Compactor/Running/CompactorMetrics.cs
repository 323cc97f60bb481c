using System.Globalization;
using Aion.Blocks;
using Aion.Hosting;
using Prometheus;

namespace Aion.Compactor;

/// <summary>The compactor's instruments: Thanos's names (reference/metrics.md M-7), and <c>aion_compact_…</c> for what it has not.</summary>
public sealed class CompactorMetrics
{
    private const string P = "thanos_compact_";
    private const string Ours = "aion_compact_";

    public CompactorMetrics(MetricsRegistry metrics, TimeSpan deleteDelay)
    {
        MetricFactory f = metrics.Factory;
        Halted = f.CreateGauge(P + "halted", "Set to 1 if the compactor halted due to an unexpected error.");
        Retries = f.CreateCounter(P + "retries_total", "Total number of retries after retriable compactor error.");
        Iterations = f.CreateCounter(P + "iterations_total", "Total number of iterations that were executed successfully.");
        CleanupLoops = f.CreateCounter(P + "block_cleanup_loops_total", "Total number of concurrent cleanup loops of partially uploaded blocks and marked blocks that were executed successfully.");
        PartialDeletes = f.CreateCounter(P + "aborted_partial_uploads_deletion_attempts_total", "Total number of started deletions of blocks that are assumed aborted and only partially uploaded.");
        BlocksCleaned = f.CreateCounter(P + "blocks_cleaned_total", "Total number of blocks deleted in compactor.");
        CleanupFailures = f.CreateCounter(P + "block_cleanup_failures_total", "Failures encountered while deleting blocks in compactor.");
        BlocksMarked = f.CreateCounter(P + "blocks_marked_total", "Total number of blocks marked in compactor.", "marker", "reason");
        f.CreateGauge("thanos_delete_delay_seconds", "Configured delete delay in seconds.").Set(deleteDelay.TotalSeconds);

        GroupCompactions = f.CreateCounter(P + "group_compactions_total", "Total number of group compaction attempts that resulted in a new block.", "resolution");
        GroupFailures = f.CreateCounter(P + "group_compactions_failures_total", "Total number of failed group compactions.", "resolution");
        RunsStarted = f.CreateCounter(P + "group_compaction_runs_started_total", "Total number of group compaction attempts.", "resolution");
        RunsCompleted = f.CreateCounter(P + "group_compaction_runs_completed_total", "Total number of group completed compaction runs. This also includes compactor group runs that resulted with no compaction.", "resolution");
        VerticalCompactions = f.CreateCounter(P + "group_vertical_compactions_total", "Total number of group compaction attempts that resulted in a new block based on overlapping blocks.", "resolution");
        Downsamples = f.CreateCounter(P + "downsample_total", "Total number of downsampling attempts.", "resolution");
        DownsampleFailures = f.CreateCounter(P + "downsample_failures_total", "Total number of failed downsampling attempts.", "resolution");
        DownsampleDuration = metrics.Histogram(P + "downsample_duration_seconds", "Duration of downsample runs", [60, 300, 900, 1800, 3600, 7200, 14400], "resolution");

        GarbageCollections = f.CreateCounter(P + "garbage_collection_total", "Total number of garbage collection operations.");
        GarbageFailures = f.CreateCounter(P + "garbage_collection_failures_total", "Total number of failed garbage collection operations.");
        GarbageDuration = metrics.Histogram(
            P + "garbage_collection_duration_seconds", "Time it took to perform garbage collection iteration.",
            [0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120, 240, 360, 720]);
        GarbageBlocks = f.CreateCounter(P + "garbage_collected_blocks_total", "Total number of blocks marked for deletion by compactor.");

        Repairs = f.CreateCounter(Ours + "repairs_total", "Chunks and series of source blocks that were repaired or left out, by what was wrong.", "kind");
        QuarantinedBlocks = f.CreateCounter(Ours + "quarantined_blocks_total", "Blocks set aside because they are damaged.");
        Conflicts = f.CreateCounter(Ours + "conflicts_total", "Jobs given up because somebody else works on the same blocks.");
        JobFailures = f.CreateCounter(Ours + "job_failures_total", "Jobs that failed, by why.", "reason");
        HeldBlocks = f.CreateGauge(Ours + "retention_held_blocks", "Blocks past their retention that stay because their downsampled form does not exist yet.");
        ReadBytes = f.CreateCounter(Ours + "read_bytes_total", "Bytes of source blocks that jobs worked off.");
        InitLabels();
    }

    internal Gauge Halted { get; }
    internal Counter Retries { get; }
    internal Counter Iterations { get; }
    internal Counter CleanupLoops { get; }
    internal Counter PartialDeletes { get; }
    internal Counter BlocksCleaned { get; }
    internal Counter CleanupFailures { get; }
    internal Counter BlocksMarked { get; }
    internal Counter GroupCompactions { get; }
    internal Counter GroupFailures { get; }
    internal Counter RunsStarted { get; }
    internal Counter RunsCompleted { get; }
    internal Counter VerticalCompactions { get; }
    internal Counter Downsamples { get; }
    internal Counter DownsampleFailures { get; }
    internal Prometheus.Histogram DownsampleDuration { get; }
    internal Counter GarbageCollections { get; }
    internal Counter GarbageFailures { get; }
    internal Prometheus.Histogram GarbageDuration { get; }
    internal Counter GarbageBlocks { get; }
    internal Counter Repairs { get; }
    internal Counter QuarantinedBlocks { get; }
    internal Counter Conflicts { get; }
    internal Counter JobFailures { get; }
    internal Gauge HeldBlocks { get; }
    internal Counter ReadBytes { get; }

    /// <summary>The source resolution as upstream's label has it: milliseconds.</summary>
    internal static string Resolution(long resolutionMs) => resolutionMs.ToString(CultureInfo.InvariantCulture);

    private void InitLabels()
    {
        foreach (long resolution in new[] { BlockResolution.Raw, BlockResolution.FiveMinutes, BlockResolution.OneHour })
        {
            foreach (Counter counter in new[] { GroupCompactions, GroupFailures, RunsStarted, RunsCompleted, VerticalCompactions })
                counter.WithLabels(Resolution(resolution));
            if (resolution == BlockResolution.OneHour) continue;
            Downsamples.WithLabels(Resolution(resolution));
            DownsampleFailures.WithLabels(Resolution(resolution));
            DownsampleDuration.WithLabels(Resolution(resolution));
        }

        BlocksMarked.WithLabels(BlockLayout.DeletionMarkFile, "");
        BlocksMarked.WithLabels(BlockLayout.NoCompactMarkFile, NoCompactReason.OutOfOrderChunk);
        BlocksMarked.WithLabels(BlockLayout.NoCompactMarkFile, NoCompactReason.IndexSizeExceeding);
        BlocksMarked.WithLabels(BlockLayout.NoCompactMarkFile, NoCompactReason.DownsampleVerticalCompaction);
        BlocksMarked.WithLabels(BlockLayout.NoCompactMarkFile, Quarantine.MarkReason);
        foreach (RepairKind kind in Enum.GetValues<RepairKind>()) Repairs.WithLabels(kind.ToString());
        foreach (JobFailure failure in Enum.GetValues<JobFailure>()) JobFailures.WithLabels(JobException.NameOf(failure));
    }
}
