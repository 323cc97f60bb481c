using Grpc.Core;
using Grpc.Net.Client;

namespace Aion.StoreApi;

/// <summary>A connection to one gRPC peer. Connects when first used, pings while calls run, has no message size limit.</summary>
public sealed class GrpcPeer : IDisposable
{
    private static readonly TimeSpan KeepAliveDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(5);

    private readonly GrpcChannel _channel;
    private readonly string? _compression;

    /// <param name="address"><c>host:port</c>, without scheme.</param>
    /// <param name="options">How to connect.</param>
    /// <exception cref="InvalidDataException">The address is none, or the TLS files can't be used.</exception>
    public GrpcPeer(string address, GrpcClientOptions options)
        : this(address, ToUri(address, options), options, null)
    {
    }

    /// <param name="name">What to call the peer.</param>
    /// <param name="target">Address, or the target of a resolver that <paramref name="services"/> holds.</param>
    /// <param name="options">How to connect.</param>
    /// <param name="services">Resolvers for client-side load balancing; null for a plain address.</param>
    internal GrpcPeer(string name, Uri target, GrpcClientOptions options, IServiceProvider? services)
    {
        Name = name;
        _compression = options.Compression;
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = 1024 * 1024,
            KeepAlivePingDelay = KeepAliveDelay,
            KeepAlivePingTimeout = KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
        };
        if (options.Tls is not null) handler.SslOptions = options.Tls.Load();
        _channel = GrpcChannel.ForAddress(target, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = int.MaxValue,
            MaxSendMessageSize = null,
            CompressionProviders = StoreApiTransport.Compressions,
            Credentials = options.Tls is null ? ChannelCredentials.Insecure : ChannelCredentials.SecureSsl,
            ServiceProvider = services,
        });
        Invoker = _channel.CreateCallInvoker();
    }

    /// <summary>The address as configured.</summary>
    public string Name { get; }

    public CallInvoker Invoker { get; }

    /// <summary>Headers of a call: the tenant, and how to compress the request.</summary>
    public Metadata Headers(string tenant)
    {
        var headers = new Metadata();
        if (tenant.Length > 0) headers.Add(StoreApiTransport.TenantHeader, tenant);
        if (_compression is not null) headers.Add(StoreApiTransport.CompressionHeader, _compression);
        return headers;
    }

    public void Dispose() => _channel.Dispose();

    private static Uri ToUri(string address, GrpcClientOptions options) =>
        Uri.TryCreate($"{(options.Tls is null ? "http" : "https")}://{address}", UriKind.Absolute, out Uri? uri) && uri.AbsolutePath == "/"
            ? uri
            : throw new InvalidDataException($"\"{address}\" is no address of the form host:port");
}
