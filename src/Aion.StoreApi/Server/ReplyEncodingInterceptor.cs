using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Aion.StoreApi;

/// <summary>Replies in the encoding of the request, as grpc-go does; Grpc.AspNetCore alone would reply uncompressed.</summary>
public sealed class ReplyEncodingInterceptor : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        await SetEncodingAsync(context);
        return await continuation(request, context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await SetEncodingAsync(context);
        await continuation(request, responseStream, context);
    }

    private static Task SetEncodingAsync(ServerCallContext context)
    {
        string? encoding = context.GetHttpContext().Request.Headers["grpc-encoding"];
        return encoding is null or "" or "identity"
            ? Task.CompletedTask
            : context.WriteResponseHeadersAsync(new Metadata { { StoreApiTransport.CompressionHeader, encoding } });
    }
}
