using Aion.Blocks;
using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Compactor;

/// <summary>
/// Fetches the blocks of the next job while the present one merges and uploads. Only ahead of time: whatever goes wrong here, the job itself
/// meets and reports.
/// </summary>
internal sealed class Prefetch(JobServices services, string folder)
{
    private Task _running = Task.CompletedTask;

    /// <summary>Begins with the blocks of a plan that exist already.</summary>
    public void Begin(CompactionPlan expected, CancellationToken cancellationToken) => _running = RunAsync(expected, cancellationToken);

    /// <summary>Ends when nothing is being fetched any more; never fails.</summary>
    public Task EndAsync() => _running;

    private async Task RunAsync(CompactionPlan expected, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            foreach (BlockMeta block in expected.Blocks.Where(b => b.Compaction.Level == 0 || b.ObjectCount() > 2))
            {
                // Never at the expense of a job.
                if (!services.Disk.Fits(4 * block.TotalBytes())) return;
                using DiskBudget.Reservation room = services.Disk.Reserve(block.TotalBytes());
                await services.Downloader.DownloadAsync(block, folder, static _ => { }, cancellationToken);
            }
        }
        catch (Exception e) when (e is BucketException or IOException or JobException or SourceDamagedException or OperationCanceledException)
        {
            services.Logger.Debug("fetching ahead ended", [("reason", e.Message)]);
        }
    }
}
