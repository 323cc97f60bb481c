namespace Aion.Storage;

/// <summary>Why a store did not answer; maps one to one to gRPC status codes.</summary>
public enum StoreErrorKind
{
    Unknown,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    Unavailable,
    Aborted,
    Internal,
    DeadlineExceeded,
    DataLoss,
    Unimplemented,
    Unprocessable,
}

/// <summary>A store refused a request or could not answer it whole.</summary>
public sealed class StoreException(StoreErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public StoreErrorKind Kind { get; } = kind;
}
