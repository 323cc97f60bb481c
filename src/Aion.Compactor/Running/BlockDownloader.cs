using System.Buffers;
using System.Security.Cryptography;
using Aion.Blocks;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>A block in a work folder.</summary>
/// <param name="Meta">As the compactor sees it, without replica labels.</param>
/// <param name="WasReused">Part of it was there from an earlier attempt.</param>
internal readonly record struct LocalBlock(BlockMeta Meta, string Directory, bool WasReused);

/// <summary>Brings blocks from the bucket to the disk. What an earlier attempt left is taken if its length fits.</summary>
internal sealed class BlockDownloader(IBucket bucket, int fileConcurrency, ILogger logger)
{
    private const int CopyBytes = 256 * 1024;
    private const string TombstonesFile = "tombstones";

    /// <param name="parent">The folder in which the block's own is made.</param>
    /// <param name="onBytes">Told of every piece that was fetched or found.</param>
    /// <exception cref="SourceDamagedException">The block is complete by its meta.json, but an object is missing.</exception>
    /// <exception cref="JobException">The block is gone: somebody else deleted it.</exception>
    /// <exception cref="BucketException">The bucket failed.</exception>
    public async Task<LocalBlock> DownloadAsync(BlockMeta meta, string parent, Action<long> onBytes, CancellationToken cancellationToken)
    {
        string directory = Path.Combine(parent, meta.Id.ToString());
        Directory.CreateDirectory(Path.Combine(directory, BlockLayout.ChunksDirectory));
        List<BlockFile> files = await ListAsync(meta.Id, cancellationToken);
        Dictionary<string, BlockFile> promised =
            meta.Thanos.Files.Where(f => f.RelativePath != BlockLayout.MetaFile).DistinctBy(f => f.RelativePath).ToDictionary(f => f.RelativePath);
        await CheckCompleteAsync(meta, files, promised, cancellationToken);
        var reused = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = fileConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(files, parallel, async (file, token) =>
        {
            string path = Path.Combine(directory, file.RelativePath);
            if (new FileInfo(path) is { Exists: true } local && local.Length == file.SizeBytes)
            {
                Interlocked.Increment(ref reused);
                onBytes(file.SizeBytes);
                return;
            }

            await FetchAsync(meta.Id, file, path, promised.GetValueOrDefault(file.RelativePath)?.Hash, onBytes, token);
        });
        return new LocalBlock(meta, directory, reused > 0);
    }

    private async Task<List<BlockFile>> ListAsync(BlockId id, CancellationToken cancellationToken)
    {
        var files = new List<BlockFile>();
        await foreach (BucketEntry entry in bucket.ListAsync(id.ToString(), recursive: true, cancellationToken))
        {
            string path = entry.Key[(entry.Key.IndexOf('/', StringComparison.Ordinal) + 1)..];
            if (IsPart(path)) files.Add(new BlockFile(path, entry.Attributes!.Value.SizeBytes));
        }

        return files;
    }

    /// <summary>Whatever else lies with a block (markers of folders, a change log) is no part of its data.</summary>
    internal static bool IsPart(string path) => path is BlockLayout.IndexFile or TombstonesFile || IsSegment(path);

    /// <summary>Names are from outside and become paths here.</summary>
    private static bool IsSegment(string path) =>
        path.StartsWith(BlockLayout.ChunksDirectory + "/", StringComparison.Ordinal) && path.AsSpan(BlockLayout.ChunksDirectory.Length + 1) is { Length: > 0 } name
        && !name.ContainsAnyExceptInRange('0', '9');

    private async Task CheckCompleteAsync(
        BlockMeta meta, List<BlockFile> files, Dictionary<string, BlockFile> promised, CancellationToken cancellationToken)
    {
        IEnumerable<string> needed = promised.Count > 0 ? promised.Keys : [BlockLayout.IndexFile];
        string? missing = needed.Append(BlockLayout.IndexFile).FirstOrDefault(path => !files.Exists(f => f.RelativePath == path));
        if (missing is null) return;
        if (!await bucket.ExistsAsync(BlockLayout.MetaKey(meta.Id), cancellationToken))
            throw new JobException(JobFailure.Conflict, $"block {meta.Id} was deleted while it was to be read: does another compactor work on this bucket?");
        throw new SourceDamagedException(meta.Id, $"object {BlockLayout.Key(meta.Id, missing)} is missing in bucket {bucket.Name}");
    }

    private async Task FetchAsync(BlockId id, BlockFile file, string path, FileHash? expected, Action<long> onBytes, CancellationToken cancellationToken)
    {
        string key = BlockLayout.Key(id, file.RelativePath), part = path + ".part";
        string? hash = await CopyAsync(key, part, expected is not null, onBytes, cancellationToken);
        // A second fetch tells a broken transfer from a broken object; the merge checks every chunk and finds which.
        if (expected is not null && hash != expected.Value) hash = await CopyAsync(key, part, true, static _ => { }, cancellationToken);
        if (expected is not null && hash != expected.Value)
            logger.LogWarning("{Key} in bucket {Bucket} has SHA-256 {Hash}, its meta.json says {Expected}", key, bucket.Name, hash, expected.Value);
        File.Move(part, path, overwrite: true);
    }

    private async Task<string?> CopyAsync(string key, string path, bool withHash, Action<long> onBytes, CancellationToken cancellationToken)
    {
        using IncrementalHash? hash = withHash ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            await using Stream source = await bucket.GetAsync(key, cancellationToken);
            await using var target = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
            while (await source.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                hash?.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                onBytes(read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return hash is null ? null : Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
