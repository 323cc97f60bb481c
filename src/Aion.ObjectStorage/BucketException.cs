namespace Aion.ObjectStorage;

/// <summary>Why an operation failed, as far as the caller can act on it.</summary>
public enum BucketErrorKind
{
    /// <summary>None of the others: not worth a retry without a person.</summary>
    Unknown = 0,

    NotFound,

    /// <summary>The credential was refused.</summary>
    AccessDenied,

    /// <summary>A conditional upload found something under the key.</summary>
    AlreadyExists,

    /// <summary>The bucket or the way to it is unwell; the same call may succeed later.</summary>
    Transient,

    /// <summary>No space left.</summary>
    Full,

    /// <summary>The key itself can't be one.</summary>
    InvalidKey,
}

/// <summary>An operation on a bucket failed; the message names operation, object and bucket.</summary>
public sealed class BucketException(BucketErrorKind kind, string message, Exception? inner = null) : IOException(message, inner)
{
    public BucketErrorKind Kind { get; } = kind;

    public static BucketException NotFound(string bucket, string key) =>
        new(BucketErrorKind.NotFound, $"object {key} not found in bucket {bucket}");

    public static BucketException AlreadyExists(string bucket, string key) =>
        new(BucketErrorKind.AlreadyExists, $"object {key} exists already in bucket {bucket}");
}
