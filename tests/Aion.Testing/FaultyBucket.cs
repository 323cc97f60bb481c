using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Aion.ObjectStorage;

namespace Aion.Testing;

/// <summary>A bucket that fails where a test says, waits where it says, and keeps a record of the calls.</summary>
public sealed class FaultyBucket(IBucket inner) : IBucket
{
    /// <summary>Every call in order, by Thanos's name for the operation.</summary>
    public ConcurrentQueue<(string Operation, string Key)> Calls { get; } = new();

    /// <summary>True for calls that fail before anything happens.</summary>
    public Func<string, string, bool> FailWhen { get; set; } = (_, _) => false;

    /// <summary>True for uploads and deletes that take place, and then fail: the answer was lost.</summary>
    public Func<string, string, bool> FailAfter { get; set; } = (_, _) => false;

    public Func<string, string, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public BucketErrorKind Kind { get; set; } = BucketErrorKind.Transient;

    /// <summary>Whether objects can be opened as files, where that is so of the bucket itself; else all are fetched as from far away.</summary>
    public bool PassesFiles { get; set; }

    public bool IsLocal => PassesFiles && inner.IsLocal;

    public LocalObject OpenLocal(string key)
    {
        Calls.Enqueue(("open", key));
        return inner.OpenLocal(key);
    }

    public string Name => inner.Name;

    public bool SupportsConditionalUpload => inner.SupportsConditionalUpload;

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken)
    {
        await EnterAsync("get", key);
        return await inner.GetAsync(key, cancellationToken);
    }

    public async Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken)
    {
        await EnterAsync("get", key);
        return await inner.TryGetAsync(key, cancellationToken);
    }

    public async Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken)
    {
        await EnterAsync("get_range", key);
        return await inner.GetRangeAsync(key, offset, length, cancellationToken);
    }

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await EnterAsync("iter", directory);
        await foreach (BucketEntry entry in inner.ListAsync(directory, recursive, cancellationToken)) yield return entry;
    }

    public async Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken)
    {
        await EnterAsync("attributes", key);
        return await inner.AttributesAsync(key, cancellationToken);
    }

    public async Task<bool> ExistsAsync(string key, CancellationToken cancellationToken)
    {
        await EnterAsync("exists", key);
        return await inner.ExistsAsync(key, cancellationToken);
    }

    public async Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken)
    {
        await EnterAsync("upload", key);
        await inner.UploadAsync(key, content, condition, cancellationToken);
        if (FailAfter("upload", key)) throw Fault("upload", key);
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await EnterAsync("delete", key);
        await inner.DeleteAsync(key, cancellationToken);
        if (FailAfter("delete", key)) throw Fault("delete", key);
    }

    private async Task EnterAsync(string operation, string key)
    {
        Calls.Enqueue((operation, key));
        await Before(operation, key);
        if (FailWhen(operation, key)) throw Fault(operation, key);
    }

    private BucketException Fault(string operation, string key) => new(Kind, $"{operation} {key}: injected fault");
}
