namespace Aion.Caching;

/// <summary>Why an operation of a remote cache failed; the names are those of the metrics.</summary>
internal enum CacheFault
{
    Timeout,
    NetworkError,

    /// <summary>The server said what it does not like.</summary>
    ServerError,

    /// <summary>What came back is not the protocol.</summary>
    Other,
}

/// <summary>An operation of a remote cache failed. Stops inside this project: callers see a value that was not found.</summary>
internal sealed class CacheException(CacheFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public CacheFault Fault => fault;
}
