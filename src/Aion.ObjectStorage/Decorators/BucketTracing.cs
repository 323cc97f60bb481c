using System.Diagnostics;

namespace Aion.ObjectStorage;

/// <summary>
/// Spans of bucket operations, under Thanos's names. Whoever wants them listens to the source; while nobody does, starting one costs a look
/// at a list and makes nothing.
/// </summary>
public static class BucketTracing
{
    /// <summary>Name of the <see cref="ActivitySource"/>.</summary>
    public const string SourceName = "Aion.ObjectStorage";

    internal const string List = "bucket_iter";
    internal const string Get = "bucket_get";
    internal const string GetRange = "bucket_getrange";
    internal const string Exists = "bucket_exists";
    internal const string Attributes = "bucket_attributes";
    internal const string Upload = "bucket_upload";
    internal const string Delete = "bucket_delete";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>To be called in an async method: elsewhere the span would become its caller's current one.</summary>
    /// <returns>Null when nobody listens.</returns>
    internal static Activity? Start(string operation, string bucket, string tag, string value)
    {
        Activity? span = Source.StartActivity(operation, ActivityKind.Client);
        span?.SetTag(tag, value).SetTag("bucket", bucket);
        return span;
    }

    internal static void Failed(Activity? span, Exception cause) => span?.SetStatus(ActivityStatusCode.Error, cause.Message).AddException(cause);

    /// <summary>Ends a span wherever it began, and leaves the current one of this place alone.</summary>
    internal static void End(Activity? span)
    {
        if (span is null) return;
        Activity? current = Activity.Current;
        span.Stop();
        if (current != span) Activity.Current = current;
    }
}
