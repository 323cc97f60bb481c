namespace Aion.PromQL;

/// <summary>Why a query failed; the names are the API's <c>errorType</c> values.</summary>
public enum QueryErrorKind
{
    /// <summary>The text or a parameter is wrong (400).</summary>
    BadData,

    /// <summary>Evaluation is impossible on this data or exceeds a limit (422).</summary>
    Execution,

    /// <summary>The deadline of the query passed (503).</summary>
    Timeout,

    /// <summary>The caller went away (499).</summary>
    Canceled,

    /// <summary>A fault of the store or of the engine (500).</summary>
    Internal,
}

/// <summary>A query failed. The message is what the user sees.</summary>
public sealed class PromQLException(QueryErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public QueryErrorKind Kind { get; } = kind;

    internal static PromQLException Execution(string message) => new(QueryErrorKind.Execution, message);

    internal static PromQLException SameLabelset() => Execution("vector cannot contain metrics with the same labelset");
}
