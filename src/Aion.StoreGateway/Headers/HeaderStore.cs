using Aion.Blocks;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Tsdb;
using Microsoft.Extensions.Logging;

namespace Aion.StoreGateway;

/// <summary>
/// The index-headers of a store: files under its data folder, made from the bucket where they are missing or damaged. A header is checked
/// whole when it is opened, so a file needs no flush: what a crash leaves of it is found out and made again. Thread-safe.
/// </summary>
internal sealed class HeaderStore(IBucket bucket, HeaderOptions options, HeaderMetrics metrics, TimeProvider time, ILogger logger)
{
    private int _complained;

    public HeaderOptions Options => options;

    public HeaderMetrics Metrics => metrics;

    /// <summary>Makes sure, without opening it, that a header is on the disk.</summary>
    /// <returns>The header, open, where there is no disk to keep it on; else null.</returns>
    /// <exception cref="TsdbCorruptionException">The block's index is damaged.</exception>
    /// <exception cref="BucketException">The index could not be read.</exception>
    public async Task<IndexHeaderReader?> EnsureAsync(BlockMeta meta, CancellationToken cancellationToken)
    {
        if (options.Directory is not null && IsOnDisk(meta.Id)) return null;
        byte[] content = await DownloadAsync(meta, cancellationToken);
        return TryWrite(meta.Id, content) ? null : Parse(meta.Id, content);
    }

    /// <summary>Opens a header, from the disk if it is there and sound.</summary>
    /// <inheritdoc cref="EnsureAsync"/>
    public async Task<IndexHeaderReader> OpenAsync(BlockMeta meta, CancellationToken cancellationToken)
    {
        if (options.Directory is not null && TryOpen(meta.Id) is { } kept) return kept;
        byte[] content = await DownloadAsync(meta, cancellationToken);
        return TryWrite(meta.Id, content) && TryOpen(meta.Id) is { } written ? written : Parse(meta.Id, content);
    }

    /// <summary>Removes what is kept locally of a block that is gone.</summary>
    public void Forget(BlockId id)
    {
        if (options.Directory is null) return;
        try
        {
            Directory.Delete(FolderOf(id), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was kept.
        }
    }

    /// <summary>The blocks that have a local folder.</summary>
    public IEnumerable<BlockId> Kept()
    {
        if (options.Directory is null || !Directory.Exists(options.Directory)) yield break;
        foreach (string folder in Directory.EnumerateDirectories(options.Directory))
            if (BlockId.TryParse(Path.GetFileName(folder), out BlockId id)) yield return id;
    }

    private string FolderOf(BlockId id) => Path.Combine(options.Directory!, id.ToString());

    private string PathOf(BlockId id) => Path.Combine(FolderOf(id), IndexHeaderFile.FileName);

    private bool IsOnDisk(BlockId id) => File.Exists(PathOf(id));

    private IndexHeaderReader? TryOpen(BlockId id)
    {
        long started = time.GetTimestamp();
        try
        {
            return IndexHeaderReader.Open(PathOf(id), options.Sampling);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is TsdbCorruptionException or IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("the index-header of block {Block} on disk can't be used and is built again: {Reason}", id, e.Message);
            return null;
        }
        finally
        {
            metrics.LoadDuration.Observe(time.GetElapsedTime(started).TotalSeconds);
        }
    }

    private IndexHeaderReader Parse(BlockId id, byte[] content)
    {
        try
        {
            return IndexHeaderReader.Of(content, options.Sampling);
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw e.In(BlockLayout.IndexKey(id), 0);
        }
    }

    private async Task<byte[]> DownloadAsync(BlockMeta meta, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        byte[] content = await IndexHeaderFile.BuildAsync(bucket, meta.Id, StatedIndexBytes(meta), cancellationToken);
        metrics.DownloadDuration.Observe(time.GetElapsedTime(started).TotalSeconds);
        return content;
    }

    private static long StatedIndexBytes(BlockMeta meta)
    {
        foreach (BlockFile file in meta.Thanos.Files)
            if (file.RelativePath == BlockLayout.IndexFile) return file.SizeBytes;
        return 0;
    }

    /// <summary>A header that can't be kept serves from memory: a full disk must not stop queries.</summary>
    private bool TryWrite(BlockId id, byte[] content)
    {
        if (options.Directory is null) return false;
        try
        {
            string path = PathOf(id), temporary = path + ".tmp";
            Directory.CreateDirectory(FolderOf(id));
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Interlocked.Exchange(ref _complained, 1) == 0)
                logger.LogWarning("index-headers can't be kept under {Folder} and are held in memory: {Reason}", options.Directory, e.Message);
            return false;
        }
    }
}
