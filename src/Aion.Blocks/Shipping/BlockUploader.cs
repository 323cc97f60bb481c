using System.Security.Cryptography;
using Aion.ObjectStorage;

namespace Aion.Blocks;

public sealed record BlockUploadOptions
{
    /// <summary>Chunk files sent at once; 1 = one after the other.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>Puts the SHA-256 of every file into the meta.</summary>
    public bool Sha256 { get; init; }

    /// <summary>Takes blocks without external labels, which only Prometheus itself can use.</summary>
    public bool AllowNoLabels { get; init; }
}

/// <summary>Brings a block from a local folder into a bucket.</summary>
public static class BlockUploader
{
    /// <summary>
    /// Uploads chunks, then the index, then meta.json: the block exists with its last object. Objects that an earlier attempt left are
    /// replaced by the same bytes. The folder is read only.
    /// </summary>
    /// <param name="meta">What the uploaded meta.json shall say; files and upload time are filled in here.</param>
    /// <param name="present">Names of chunk files that are in the bucket already, with these very bytes.</param>
    /// <returns>The meta as uploaded.</returns>
    /// <exception cref="BucketException">The bucket refused an object.</exception>
    /// <exception cref="IOException">A file of the block can't be read or is missing.</exception>
    public static async Task<BlockMeta> UploadAsync(
        IBucket bucket, string directory, BlockMeta meta, BlockUploadOptions options, TimeProvider time, CancellationToken cancellationToken,
        IReadOnlySet<string>? present = null)
    {
        // Without labels nobody could tell the blocks of two Prometheus servers apart ever again.
        if (meta.Thanos.Labels.IsEmpty && !options.AllowNoLabels)
            throw new InvalidOperationException($"block {meta.Id}: empty external labels are not allowed for Thanos block: set external_labels in the Prometheus configuration");

        IReadOnlyList<string> segments = SegmentFiles(directory);
        var files = new List<BlockFile>();
        foreach (string segment in segments) files.Add(await DescribeAsync(directory, $"{BlockLayout.ChunksDirectory}/{segment}", options, cancellationToken));
        files.Add(await DescribeAsync(directory, BlockLayout.IndexFile, options, cancellationToken));
        files.Add(new BlockFile(BlockLayout.MetaFile, 0));

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.Concurrency), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(segments.Where(s => present?.Contains(s) != true), parallel, async (segment, token) =>
            await UploadFileAsync(bucket, directory, meta, $"{BlockLayout.ChunksDirectory}/{segment}", token));
        await UploadFileAsync(bucket, directory, meta, BlockLayout.IndexFile, cancellationToken);

        BlockMeta uploaded = meta with
        {
            Thanos = meta.Thanos with { Files = files, SegmentFiles = segments, UploadTime = time.GetUtcNow().ToUniversalTime() },
        };
        await bucket.UploadAsync(BlockLayout.MetaKey(meta.Id), BlockMetaWriter.ToUtf8(uploaded), cancellationToken);
        return uploaded;
    }

    /// <summary>Names of the chunk files, ascending.</summary>
    public static IReadOnlyList<string> SegmentFiles(string directory)
    {
        string chunks = Path.Combine(directory, BlockLayout.ChunksDirectory);
        return [.. Directory.EnumerateFiles(chunks).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
    }

    private static async Task<BlockFile> DescribeAsync(
        string directory, string relativePath, BlockUploadOptions options, CancellationToken cancellationToken)
    {
        string path = Path.Combine(directory, relativePath);
        long size = new FileInfo(path).Length;
        if (!options.Sha256) return new BlockFile(relativePath, size);
        await using FileStream file = Open(path);
        byte[] hash = await SHA256.HashDataAsync(file, cancellationToken);
        return new BlockFile(relativePath, size, new FileHash("SHA256", Convert.ToHexStringLower(hash)));
    }

    private static async Task UploadFileAsync(
        IBucket bucket, string directory, BlockMeta meta, string relativePath, CancellationToken cancellationToken)
    {
        await using FileStream file = Open(Path.Combine(directory, relativePath));
        await bucket.UploadAsync(BlockLayout.Key(meta.Id, relativePath), file, cancellationToken);
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
}
