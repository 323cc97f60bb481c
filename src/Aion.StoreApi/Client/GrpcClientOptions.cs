namespace Aion.StoreApi;

/// <summary>How to connect to peers.</summary>
public sealed record GrpcClientOptions
{
    /// <summary>TLS towards the peer; null = clear text.</summary>
    public GrpcClientTls? Tls { get; init; }

    /// <summary>Name of the compression for requests, <c>snappy</c>; null = none.</summary>
    public string? Compression { get; init; }
}
