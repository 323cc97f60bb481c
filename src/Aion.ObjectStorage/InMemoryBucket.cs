using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Aion.ObjectStorage;

/// <summary>A bucket in this process's memory, for tests and for tools that need none on disk.</summary>
public sealed class InMemoryBucket(TimeProvider time, string name = "inmem") : IBucket
{
    private readonly ConcurrentDictionary<string, (byte[] Content, DateTimeOffset Modified)> _objects = new(StringComparer.Ordinal);

    public string Name { get; } = name;

    public bool SupportsConditionalUpload => true;

    /// <summary>Keys of all objects, ascending.</summary>
    public IReadOnlyList<string> Keys => [.. _objects.Keys.Order(StringComparer.Ordinal)];

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken) =>
        await TryGetAsync(key, cancellationToken) ?? throw BucketException.NotFound(Name, key);

    public Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectKey.Check(key);
        return Task.FromResult<Stream?>(_objects.TryGetValue(key, out var found) ? new MemoryStream(found.Content, writable: false) : null);
    }

    public Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        byte[] content = Find(key).Content;
        var start = (int)Math.Min(offset, content.Length);
        var count = (int)Math.Min(length, content.Length - start);
        return Task.FromResult<Stream>(new MemoryStream(content, start, count, writable: false));
    }

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string trimmed = ObjectKey.CheckDirectory(directory);
        string prefix = trimmed.Length == 0 ? "" : trimmed + "/";
        var directories = new HashSet<string>(StringComparer.Ordinal);
        foreach (string key in Keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!key.StartsWith(prefix, StringComparison.Ordinal) || !_objects.TryGetValue(key, out var found)) continue;
            int slash = recursive ? -1 : key.IndexOf('/', prefix.Length);
            if (slash < 0) yield return new BucketEntry(key, new ObjectAttributes(found.Content.Length, found.Modified));
            else if (directories.Add(key[..(slash + 1)])) yield return new BucketEntry(key[..(slash + 1)], null);
        }

        await Task.CompletedTask;
    }

    public Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (content, modified) = Find(key);
        return Task.FromResult(new ObjectAttributes(content.Length, modified));
    }

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectKey.Check(key);
        return Task.FromResult(_objects.ContainsKey(key));
    }

    public async Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken);
        var entry = (buffer.ToArray(), time.GetUtcNow());
        if (condition == UploadCondition.None) _objects[key] = entry;
        else if (!_objects.TryAdd(key, entry)) throw BucketException.AlreadyExists(Name, key);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectKey.Check(key);
        _objects.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    private (byte[] Content, DateTimeOffset Modified) Find(string key)
    {
        ObjectKey.Check(key);
        return _objects.TryGetValue(key, out var found) ? found : throw BucketException.NotFound(Name, key);
    }
}
