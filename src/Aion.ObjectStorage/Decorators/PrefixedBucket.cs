using System.Runtime.CompilerServices;

namespace Aion.ObjectStorage;

/// <summary>The part of a bucket below a prefix, seen as a bucket of its own.</summary>
public sealed class PrefixedBucket : IBucket
{
    private readonly IBucket _inner;
    private readonly string _prefix;

    /// <param name="prefix">Without slashes at the ends; inner ones are kept.</param>
    public PrefixedBucket(IBucket inner, string prefix)
    {
        ObjectKey.Check(prefix);
        _inner = inner;
        _prefix = prefix + "/";
    }

    public string Name => _inner.Name;

    public bool SupportsConditionalUpload => _inner.SupportsConditionalUpload;

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken) => _inner.GetAsync(Full(key), cancellationToken);

    public Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken) => _inner.TryGetAsync(Full(key), cancellationToken);

    public Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken) =>
        _inner.GetRangeAsync(Full(key), offset, length, cancellationToken);

    public bool IsLocal => _inner.IsLocal;

    public LocalObject OpenLocal(string key) => _inner.OpenLocal(Full(key));

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string full = _prefix + ObjectKey.CheckDirectory(directory);
        await foreach (BucketEntry entry in _inner.ListAsync(full, recursive, cancellationToken))
            yield return entry with { Key = entry.Key[_prefix.Length..] };
    }

    public Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken) =>
        _inner.AttributesAsync(Full(key), cancellationToken);

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => _inner.ExistsAsync(Full(key), cancellationToken);

    public Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken) =>
        _inner.UploadAsync(Full(key), content, condition, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => _inner.DeleteAsync(Full(key), cancellationToken);

    private string Full(string key)
    {
        ObjectKey.Check(key);
        return _prefix + key;
    }
}
