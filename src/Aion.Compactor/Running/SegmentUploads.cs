using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>
/// Uploads the chunk files of a new block as they are finished, while the next one is written, the index is made and the block is verified.
/// Without a meta.json they are no block to anyone; what a crash leaves is a partial upload like any other. Used by one job.
/// </summary>
internal sealed class SegmentUploads(IBucket bucket, BlockId block, ILogger logger) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();

    // Guarded by _lock. What may be in the bucket, and what is there for sure as it was last finished.
    private readonly HashSet<string> _begun = [];
    private readonly HashSet<string> _present = [];

    // One after the other: of a name that comes again the last content stays.
    private Task _last = Task.CompletedTask;

    /// <summary>Takes a finished file; see <see cref="MergeOptions.SegmentFinished"/>.</summary>
    /// <exception cref="IOException">The file can't be opened.</exception>
    public void Add(string path)
    {
        var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        _last = UploadAsync(_last, Path.GetFileName(path), file);
    }

    /// <summary>Waits for all, and removes what was finished by an attempt that started again.</summary>
    /// <param name="files">Names of the block's chunk files.</param>
    /// <returns>Those that are in the bucket; an upload that failed is left to whoever uploads the rest, and fails for good there.</returns>
    /// <exception cref="BucketException">Something could not be removed.</exception>
    public async Task<IReadOnlySet<string>> CompleteAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        await _last.WaitAsync(cancellationToken);
        foreach (string name in Begun().Except(files)) await bucket.DeleteAsync(KeyOf(name), cancellationToken);
        lock (_lock) return _present.Intersect(files).ToHashSet();
    }

    /// <summary>The block will not be: removes what is there, as far as that is possible now. Never fails.</summary>
    public async Task AbandonAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _last;
        try
        {
            foreach (string name in Begun()) await bucket.DeleteAsync(KeyOf(name), cancellationToken);
        }
        catch (Exception e) when (e is BucketException or OperationCanceledException)
        {
            logger.Debug("chunk files of a block that is not used stay until partial uploads are cleaned", [("block", block), ("reason", e.Message)]);
        }
    }

    public void Dispose() => _stop.Dispose();

    private string KeyOf(string name) => BlockLayout.Key(block, $"{BlockLayout.ChunksDirectory}/{name}");

    private List<string> Begun()
    {
        lock (_lock) return [.. _begun];
    }

    private async Task UploadAsync(Task before, string name, FileStream file)
    {
        await using FileStream owned = file;
        // The merge goes on meanwhile.
        await Task.Yield();
        await before;
        if (_stop.IsCancellationRequested) return;
        lock (_lock)
        {
            _begun.Add(name);
            _present.Remove(name);
        }

        try
        {
            await bucket.UploadAsync(KeyOf(name), owned, _stop.Token);
            lock (_lock) _present.Add(name);
        }
        catch (Exception e) when (e is BucketException or IOException or OperationCanceledException)
        {
            logger.Debug("uploading a chunk file ahead failed", [("block", block), ("file", name), ("reason", e.Message)]);
        }
    }
}
