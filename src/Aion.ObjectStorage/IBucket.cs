namespace Aion.ObjectStorage;

/// <summary>
/// The object contract: named immutable byte strings. Keys are paths with <c>/</c> between segments, without a leading one.
/// Thread-safe. Every failure is a <see cref="BucketException"/> that names the object; cancellation stays cancellation.
/// </summary>
public interface IBucket
{
    /// <summary>What to call this bucket in logs and in the <c>bucket</c> label of metrics; holds no secret.</summary>
    string Name { get; }

    /// <summary>Whether <see cref="UploadCondition.IfAbsent"/> is decided by the bucket in one step, between any number of writers.</summary>
    bool SupportsConditionalUpload { get; }

    /// <summary>The whole object. The caller disposes the stream; reading it may fail like the call itself.</summary>
    /// <exception cref="BucketException"><see cref="BucketErrorKind.NotFound"/> when it is absent.</exception>
    Task<Stream> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>The object, or null when it is absent: absence is an expected answer here and no failure in the metrics.</summary>
    Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Bytes <c>[offset, offset + length)</c> of the object. Where the object ends earlier the stream is shorter; an offset at or
    /// behind the end gives an empty stream.
    /// </summary>
    Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken);

    /// <summary>Whether objects are files on a disk of this machine, so that <see cref="OpenLocal"/> reads them without streams.</summary>
    bool IsLocal => false;

    /// <summary>The object as a file; only where <see cref="IsLocal"/>.</summary>
    /// <exception cref="BucketException"><see cref="BucketErrorKind.NotFound"/> when it is absent.</exception>
    LocalObject OpenLocal(string key) => throw new NotSupportedException($"objects of bucket {Name} are no files of this machine");

    /// <summary>
    /// The entries of a directory (empty text = the root), in no promised order; a directory that does not exist is empty.
    /// Recursive: all objects below and no directories. Otherwise: the objects in it, and the directories that hold any object.
    /// </summary>
    IAsyncEnumerable<BucketEntry> ListAsync(string directory, bool recursive, CancellationToken cancellationToken);

    /// <exception cref="BucketException"><see cref="BucketErrorKind.NotFound"/> when it is absent.</exception>
    Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken);

    Task<bool> ExistsAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Stores everything that is left in <paramref name="content"/> (its length need not be known) under the key, replacing what was
    /// there. Readers see the old object or the whole new one, never a part; after a failure they see the old one.
    /// </summary>
    /// <exception cref="BucketException"><see cref="BucketErrorKind.AlreadyExists"/> when the condition does not hold.</exception>
    Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken);

    /// <summary>Removes the object; one that is not there is removed already.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);
}

/// <summary>What must hold for an upload to take place.</summary>
public enum UploadCondition
{
    None = 0,

    /// <summary>Nothing is stored under the key yet.</summary>
    IfAbsent = 1,
}

/// <summary>One entry of a listing.</summary>
/// <param name="Key">The full key; of a directory it ends in a slash.</param>
/// <param name="Attributes">Null for directories only.</param>
public readonly record struct BucketEntry(string Key, ObjectAttributes? Attributes)
{
    public bool IsDirectory => Attributes is null;
}

/// <param name="SizeBytes">Length of the object.</param>
/// <param name="LastModified">When it was stored, by the bucket's clock.</param>
public readonly record struct ObjectAttributes(long SizeBytes, DateTimeOffset LastModified);
