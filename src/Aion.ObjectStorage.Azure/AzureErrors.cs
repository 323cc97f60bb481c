using System.Xml;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;

namespace Aion.ObjectStorage.Azure;

/// <summary>Tells the SDK's failures in the contract's words.</summary>
internal static class AzureErrors
{
    public static bool IsPastTheEnd(RequestFailedException e) => e.Status == 416;

    /// <summary>The caller has made sure that it is not the one who cancelled.</summary>
    public static BucketException Translate(Exception e, string operation, string key, string container)
    {
        if (e is BucketException told) return told;
        Exception cause = e is AggregateException { InnerExceptions: { Count: > 0 } all } ? all[^1] : e;
        string detail = cause is RequestFailedException { ErrorCode: { Length: > 0 } code } failed
            ? $"{code} (status {failed.Status}): {FirstLine(failed.Message)}"
            : FirstLine(cause.Message);
        string what = key.Length == 0 ? operation : $"{operation} {key}";
        return new BucketException(KindOf(cause), $"{what} in bucket {container}: {detail}", e);
    }

    private static BucketErrorKind KindOf(Exception e) => e switch
    {
        RequestFailedException failed => KindOf(failed),
        AuthenticationFailedException => BucketErrorKind.AccessDenied,
        HttpRequestException or IOException or OperationCanceledException or TimeoutException => BucketErrorKind.Transient,
        // The SDK trips over an error without the body that it announces; nothing of ours can make one.
        XmlException => BucketErrorKind.Transient,
        _ => BucketErrorKind.Unknown,
    };

    private static BucketErrorKind KindOf(RequestFailedException e) => e.Status switch
    {
        404 when e.ErrorCode != BlobErrorCode.ContainerNotFound => BucketErrorKind.NotFound,
        401 or 403 => BucketErrorKind.AccessDenied,
        409 when e.ErrorCode == BlobErrorCode.BlobAlreadyExists => BucketErrorKind.AlreadyExists,
        412 => BucketErrorKind.AlreadyExists,
        0 or 408 or 429 or >= 500 => BucketErrorKind.Transient,
        _ => BucketErrorKind.Unknown,
    };

    // The SDK appends status, headers and body, line by line.
    private static string FirstLine(string message)
    {
        int end = message.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? message : message[..end];
    }
}
