using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;

namespace Aion.ObjectStorage.S3;

/// <summary>Tells the SDK's failures in the contract's words.</summary>
internal static class S3Errors
{
    private static readonly string[] Passing =
        ["SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling", "ThrottlingException", "OperationAborted", "ConditionalRequestConflict"];

    /// <summary>The object is absent, as opposed to the bucket.</summary>
    public static bool IsAbsent(Exception e) =>
        e is AmazonS3Exception { StatusCode: HttpStatusCode.NotFound } s3 && s3.ErrorCode is not "NoSuchBucket" and not "NoSuchUpload";

    /// <summary>The range begins at or behind the object's end.</summary>
    public static bool IsPastTheEnd(Exception e) => e is AmazonS3Exception { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable };

    /// <summary>The caller has made sure that it is not the one who cancelled.</summary>
    public static BucketException Translate(Exception e, string operation, string key, string bucket)
    {
        if (e is BucketException told) return told;
        string detail = e is AmazonS3Exception { ErrorCode: { Length: > 0 } code } s3
            ? $"{code}: {s3.Message} (status {(int)s3.StatusCode}, request id {s3.RequestId})"
            : e.InnerException is { } inner && !e.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{e.Message}: {inner.Message}" : e.Message;
        string what = key.Length == 0 ? operation : $"{operation} {key}";
        return new BucketException(KindOf(e), $"{what} in bucket {bucket}: {detail}", e);
    }

    private static BucketErrorKind KindOf(Exception e) => e switch
    {
        AmazonS3Exception s3 => KindOf(s3),
        AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } => BucketErrorKind.AccessDenied,
        AmazonServiceException { StatusCode: >= HttpStatusCode.InternalServerError } => BucketErrorKind.Transient,
        HttpRequestException or IOException or SocketException or TimeoutException or OperationCanceledException => BucketErrorKind.Transient,
        AmazonClientException { InnerException: { } inner } => KindOf(inner),
        AmazonClientException when e.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase) => BucketErrorKind.AccessDenied,
        _ => BucketErrorKind.Unknown,
    };

    private static BucketErrorKind KindOf(AmazonS3Exception e) => e.StatusCode switch
    {
        _ when Passing.Contains(e.ErrorCode) => BucketErrorKind.Transient,
        _ when IsAbsent(e) => BucketErrorKind.NotFound,
        HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => BucketErrorKind.AccessDenied,
        HttpStatusCode.PreconditionFailed => BucketErrorKind.AlreadyExists,
        HttpStatusCode.InsufficientStorage => BucketErrorKind.Full,
        HttpStatusCode.NotImplemented => BucketErrorKind.Unknown,
        HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => BucketErrorKind.Transient,
        0 when e.InnerException is { } inner => KindOf(inner),
        _ => BucketErrorKind.Unknown,
    };
}
