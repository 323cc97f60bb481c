using System.IO.Compression;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Compression;
using Snappier;

namespace Aion.StoreApi;

/// <summary>What every gRPC server and client of the Store API shares: tenant header, compressions, message sizes.</summary>
public static class StoreApiTransport
{
    /// <summary>Metadata key that carries the tenant; the first value counts.</summary>
    public const string TenantHeader = "thanos-tenant";

    /// <summary>
    /// Metadata key by which a peer says that it needs no hashes of chunks: it computes those of chunks that overlap, which are few. Who
    /// does not say so gets them, as Thanos sends them to everybody.
    /// </summary>
    public const string NoChunkHashesHeader = "aion-no-chunk-hashes";

    public const string DefaultTenant = "default-tenant";

    public const string Snappy = "snappy";

    /// <summary>Tells Grpc.Net and Grpc.AspNetCore how to compress this one call; never leaves the process.</summary>
    internal const string CompressionHeader = "grpc-internal-encoding-request";

    public static IList<ICompressionProvider> Compressions =>
        [new SnappyCompressionProvider(), new GzipCompressionProvider(CompressionLevel.Fastest)];

    /// <summary>Settings of a server: no message size limits, snappy and gzip, and replies in the encoding of the request.</summary>
    public static void Configure(GrpcServiceOptions options)
    {
        options.MaxReceiveMessageSize = int.MaxValue;
        options.MaxSendMessageSize = int.MaxValue;
        // UnknownCalls answers those, in the words of grpc-go.
        options.IgnoreUnknownServices = true;
        foreach (ICompressionProvider provider in Compressions)
            if (options.CompressionProviders.All(p => p.EncodingName != provider.EncodingName)) options.CompressionProviders.Add(provider);
        options.Interceptors.Add<ReplyEncodingInterceptor>();
    }

    public static string TenantOf(ServerCallContext context) =>
        context.RequestHeaders.Get(TenantHeader)?.Value is { Length: > 0 } tenant ? tenant : DefaultTenant;
}

/// <summary>
/// Snappy in its framed form (<c>sNaPpY</c> chunks) inside each gRPC message, as Thanos registers it. Not the raw block form.
/// </summary>
public sealed class SnappyCompressionProvider : ICompressionProvider
{
    public string EncodingName => StoreApiTransport.Snappy;

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new SnappyStream(stream, CompressionMode.Compress, leaveOpen: true);

    public Stream CreateDecompressionStream(Stream stream) => new SnappyStream(stream, CompressionMode.Decompress, leaveOpen: true);
}
