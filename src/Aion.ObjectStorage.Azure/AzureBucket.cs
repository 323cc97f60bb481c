using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Aion.ObjectStorage.Azure;

/// <summary>A container of Azure's blob storage.</summary>
/// <param name="createContainer">Make the container where it is missing, before the first call.</param>
internal sealed class AzureBucket(BlobContainerClient container, bool createContainer) : IBucket
{
    // 50,000 of them make 390 GiB; one is held in memory at a time.
    private const int BlockBytes = 8 * 1024 * 1024;
    private const int MaxBlocks = 50_000;

    private static readonly UploadTransferValidationOptions Md5 = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 };

    private volatile bool _containerIsThere = !createContainer;

    public string Name => container.Name;

    public bool SupportsConditionalUpload => true;

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken) =>
        await TryGetAsync(key, cancellationToken) ?? throw BucketException.NotFound(Name, key);

    public async Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(key, default, long.MaxValue, cancellationToken);
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            return null;
        }
    }

    public async Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0)
        {
            // HTTP has no empty range; the object must be there all the same.
            await AttributesAsync(key, cancellationToken);
            return Stream.Null;
        }

        return await OpenAsync(key, new HttpRange(offset, length > long.MaxValue - offset ? null : length), length, cancellationToken);
    }

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string trimmed = ObjectKey.CheckDirectory(directory);
        string prefix = trimmed.Length == 0 ? "" : trimmed + "/";
        await EnsureContainerAsync(cancellationToken);
        await using IAsyncEnumerator<BucketEntry> entries = EntriesAsync(prefix, recursive, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await CallAsync("list", prefix, () => entries.MoveNextAsync().AsTask(), cancellationToken)) yield return entries.Current;
    }

    public async Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken)
    {
        BlobClient blob = await BlobAsync(key, cancellationToken);
        BlobProperties found = await CallAsync(
            "attributes of", key, async () => (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value, cancellationToken);
        return new ObjectAttributes(found.ContentLength, Seconds(found.LastModified));
    }

    public async Task<bool> ExistsAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await AttributesAsync(key, cancellationToken);
            return true;
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            return false;
        }
    }

    public async Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        await EnsureContainerAsync(cancellationToken);
        BlockBlobClient blob = container.GetBlockBlobClient(key);
        BlobRequestConditions? conditions = condition == UploadCondition.IfAbsent ? new BlobRequestConditions { IfNoneMatch = ETag.All } : null;
        using var block = new PartBuffer(BlockBytes);
        await block.FillAsync(content, cancellationToken);
        if (block.IsFull)
        {
            await UploadBlocksAsync(blob, key, block, content, conditions, cancellationToken);
            return;
        }

        var options = new BlobUploadOptions { Conditions = conditions, TransferValidation = Md5, TransferOptions = new StorageTransferOptions { InitialTransferSize = BlockBytes } };
        await CallAsync("upload", key, () => blob.UploadAsync(block.OpenRead(), options, cancellationToken), cancellationToken);
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        BlobClient blob = await BlobAsync(key, cancellationToken);
        await CallAsync(
            "delete", key, () => blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Blocks without a commit are invisible, and Azure drops them after a week. Their names are this upload's own: with names that another
    /// writer of the same key uses as well, as the SDK's are, either could commit the other's blocks.
    /// </summary>
    private async Task UploadBlocksAsync(
        BlockBlobClient blob, string key, PartBuffer block, Stream content, BlobRequestConditions? conditions, CancellationToken cancellationToken)
    {
        string upload = Guid.NewGuid().ToString("N");
        var ids = new List<string>();
        var stage = new BlockBlobStageBlockOptions { TransferValidation = Md5 };
        while (block.Length > 0)
        {
            if (ids.Count == MaxBlocks)
                throw new BucketException(
                    BucketErrorKind.Unknown, $"upload {key} to bucket {Name}: longer than {MaxBlocks} blocks of {BlockBytes} bytes");
            string id = Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{upload}-{ids.Count:d5}")));
            await CallAsync("upload", key, () => blob.StageBlockAsync(id, block.OpenRead(), stage, cancellationToken), cancellationToken);
            ids.Add(id);
            await block.FillAsync(content, cancellationToken);
        }

        var commit = new CommitBlockListOptions { Conditions = conditions };
        await CallAsync("upload", key, () => blob.CommitBlockListAsync(ids, commit, cancellationToken), cancellationToken);
    }

    private async Task<Stream> OpenAsync(string key, HttpRange range, long maxBytes, CancellationToken cancellationToken)
    {
        BlobClient blob = await BlobAsync(key, cancellationToken);
        try
        {
            Response<BlobDownloadStreamingResult> answer =
                await blob.DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellationToken);
            if (range.Offset > 0 && answer.GetRawResponse().Status != 206)
            {
                answer.Value.Dispose();
                throw new BucketException(BucketErrorKind.Unknown, $"get {key} in bucket {Name}: the server ignored the range");
            }

            return new AdapterStream(answer.Value.Content, answer.Value, e => AzureErrors.Translate(e, "read", key, Name), maxBytes);
        }
        catch (RequestFailedException e) when (AzureErrors.IsPastTheEnd(e) && range != default)
        {
            return Stream.Null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw AzureErrors.Translate(e, "get", key, Name);
        }
    }

    private async IAsyncEnumerable<BucketEntry> EntriesAsync(
        string prefix, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (recursive)
        {
            await foreach (BlobItem blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellationToken))
                if (!blob.Name.EndsWith('/')) yield return EntryOf(blob);
            yield break;
        }

        var options = new GetBlobsByHierarchyOptions { Prefix = prefix, Delimiter = "/" };
        await foreach (BlobHierarchyItem item in container.GetBlobsByHierarchyAsync(options, cancellationToken))
        {
            if (item.IsPrefix) yield return new BucketEntry(item.Prefix, null);
            else if (!item.Blob.Name.EndsWith('/')) yield return EntryOf(item.Blob);
        }
    }

    private async Task<BlobClient> BlobAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        await EnsureContainerAsync(cancellationToken);
        return container.GetBlobClient(key);
    }

    private async Task EnsureContainerAsync(CancellationToken cancellationToken)
    {
        if (_containerIsThere) return;
        try
        {
            await CallAsync("create container", "", () => container.CreateIfNotExistsAsync(cancellationToken: cancellationToken), cancellationToken);
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.AccessDenied)
        {
            // Who may only read, or only use this container, may not create it: the calls that follow say whether it is there.
        }

        _containerIsThere = true;
    }

    private async Task<T> CallAsync<T>(string operation, string key, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw AzureErrors.Translate(e, operation, key, Name);
        }
    }

    private static BucketEntry EntryOf(BlobItem blob) => new(
        blob.Name, new ObjectAttributes(blob.Properties.ContentLength ?? 0, Seconds(blob.Properties.LastModified ?? DateTimeOffset.UnixEpoch)));

    // Headers have whole seconds and listings may have more: an object has one time.
    private static DateTimeOffset Seconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
}
