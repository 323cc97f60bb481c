using Grpc.Core;

namespace Aion.Hosting.Tests;

/// <summary>What generated code would hold: the library finds the methods by their names.</summary>
[BindServiceMethod(typeof(EchoMethods), nameof(EchoMethods.Bind))]
internal abstract class EchoServiceBase
{
    public abstract Task<byte[]> Echo(byte[] request, ServerCallContext context);

    public abstract Task Repeat(byte[] request, IServerStreamWriter<byte[]> target, ServerCallContext context);

    public abstract Task<byte[]> Hang(byte[] request, ServerCallContext context);
}

/// <summary>Echoes, fails, streams, hangs.</summary>
internal sealed class EchoService : EchoServiceBase
{
    public override Task<byte[]> Echo(byte[] request, ServerCallContext context) => request switch
    {
        [1] => throw new InvalidOperationException("boom"),
        [2] => throw new RpcException(new Status(StatusCode.InvalidArgument, "bad")),
        [3] => Task.FromResult(System.Text.Encoding.UTF8.GetBytes(context.GetHttpContext().Connection.Id)),
        _ => Task.FromResult(request),
    };

    public override async Task Repeat(byte[] request, IServerStreamWriter<byte[]> target, ServerCallContext context)
    {
        for (int i = 0; i < request[0]; i++) await target.WriteAsync(request, context.CancellationToken);
    }

    public override async Task<byte[]> Hang(byte[] request, ServerCallContext context)
    {
        await Task.Delay(Timeout.Infinite, context.CancellationToken);
        return request;
    }
}

/// <summary>Descriptions of the methods.</summary>
internal static class EchoMethods
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static b => b, static b => b);

    public static Method<byte[], byte[]> Echo { get; } = new(MethodType.Unary, "test.Echo", "Echo", Bytes, Bytes);

    public static Method<byte[], byte[]> Repeat { get; } = new(MethodType.ServerStreaming, "test.Echo", "Repeat", Bytes, Bytes);

    public static Method<byte[], byte[]> Hang { get; } = new(MethodType.Unary, "test.Echo", "Hang", Bytes, Bytes);

    /// <param name="service">Null when the library only asks which methods there are.</param>
    public static void Bind(ServiceBinderBase binder, EchoServiceBase? service)
    {
        binder.AddMethod(Echo, service is null ? null! : new UnaryServerMethod<byte[], byte[]>(service.Echo));
        binder.AddMethod(Repeat, service is null ? null! : new ServerStreamingServerMethod<byte[], byte[]>(service.Repeat));
        binder.AddMethod(Hang, service is null ? null! : new UnaryServerMethod<byte[], byte[]>(service.Hang));
    }
}
