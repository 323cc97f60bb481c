using Prometheus;

namespace Aion.Blocks;

/// <summary>The shipper's instruments, under Thanos's names.</summary>
public sealed class ShipperMetrics(IMetricFactory metrics)
{
    internal Counter Syncs { get; } = metrics.CreateCounter("thanos_shipper_dir_syncs_total", "Total number of dir syncs");

    internal Counter SyncFailures { get; } = metrics.CreateCounter("thanos_shipper_dir_sync_failures_total", "Total number of failed dir syncs");

    internal Counter Uploads { get; } = metrics.CreateCounter("thanos_shipper_uploads_total", "Total number of uploaded blocks");

    internal Counter UploadFailures { get; } = metrics.CreateCounter("thanos_shipper_upload_failures_total", "Total number of block upload failures");

    internal Counter CorruptedBlocks { get; } = metrics.CreateCounter("thanos_shipper_corrupted_blocks_total", "Total number of corrupted blocks");

    internal Gauge UploadCompactedDone { get; } = metrics.CreateGauge(
        "thanos_shipper_upload_compacted_done", "If 1 it means shipper uploaded all compacted blocks from the filesystem.");
}
