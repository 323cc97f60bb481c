using Aion.Blocks;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>What all jobs of a compactor share. Thread-safe.</summary>
internal sealed record JobServices
{
    public required CompactorOptions Options { get; init; }

    public required IBucket Bucket { get; init; }

    public required IBlockWork Work { get; init; }

    public required DiskBudget Disk { get; init; }

    public required CompactorMetrics Metrics { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public required ProgressTracker Progress { get; init; }

    /// <summary>Blocks that jobs read now: nobody deletes or expires them under their hands.</summary>
    public BlocksInUse InUse { get; } = new();

    public WorkFolder Folder => field ??= new WorkFolder(Options.DataDirectory);

    public BlockMarker Marker => field ??= new BlockMarker(Bucket, Time, Logger);

    public BlockDownloader Downloader => field ??= new BlockDownloader(Bucket, Options.FileConcurrency, Logger);

    public ConflictCheck Conflicts => field ??= new ConflictCheck(Bucket, Options.ReplicaLabels);

    public Quarantine Quarantine => field ??= new Quarantine(Bucket, Marker, Metrics, Time, Logger);

    public BlockUploadOptions Upload => field ??= new BlockUploadOptions { Concurrency = Options.FileConcurrency, Sha256 = Options.Sha256 };
}
