using System.Net;
using System.Text.Json;

namespace Aion.ObjectStorage.Swift;

/// <summary>Tells failures in the contract's words.</summary>
internal static class SwiftErrors
{
    // Swift's own for a caller who asks too often.
    private const HttpStatusCode TooOften = (HttpStatusCode)498;

    public static BucketErrorKind KindOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.NotFound => BucketErrorKind.NotFound,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => BucketErrorKind.AccessDenied,
        HttpStatusCode.PreconditionFailed => BucketErrorKind.AlreadyExists,
        // Over the account's or the container's quota, or larger than any object may be: the text says which.
        HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.InsufficientStorage => BucketErrorKind.Full,
        // The body did not arrive as it was sent; somebody else wrote at the same moment.
        HttpStatusCode.UnprocessableEntity or HttpStatusCode.Conflict => BucketErrorKind.Transient,
        HttpStatusCode.NotImplemented => BucketErrorKind.Unknown,
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or TooOften or >= HttpStatusCode.InternalServerError => BucketErrorKind.Transient,
        _ => BucketErrorKind.Unknown,
    };

    public static BucketException Translate(Exception e, string what)
    {
        if (e is BucketException told) return told;
        (BucketErrorKind kind, string detail) = e switch
        {
            JsonException => (BucketErrorKind.Unknown, "the answer is not the JSON that was asked for: " + e.Message),
            HttpRequestException or IOException or OperationCanceledException => (BucketErrorKind.Transient, Describe(e)),
            _ => (BucketErrorKind.Unknown, e.Message),
        };
        return new BucketException(kind, $"{what}: {detail}", e);
    }

    public static string Describe(Exception e) => e.InnerException is { } inner ? $"{e.Message} ({inner.Message})" : e.Message;

    /// <summary>What an error's body says, without the markup that Swift wraps its words in.</summary>
    public static string MessageOf(string text)
    {
        if (text.StartsWith('<'))
        {
            ReadOnlySpan<char> rest = text;
            int paragraph = rest.IndexOf("<p>", StringComparison.Ordinal);
            if (paragraph >= 0) rest = rest[(paragraph + 3)..];
            int end = rest.IndexOf("</p>", StringComparison.Ordinal);
            return WebUtility.HtmlDecode((end >= 0 ? rest[..end] : rest).ToString());
        }

        return AnswerText.FirstLine(text);
    }
}
