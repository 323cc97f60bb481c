using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aion.Hosting;

/// <summary>
/// Counts, times and, where asked for, logs every call, and turns an exception no service foresaw into status Internal, counted and logged; the process lives on.
/// </summary>
internal sealed class GrpcServerInterceptor(GrpcServerMetrics metrics, GrpcRequestLog? requestLog, ILogger logger, TimeProvider time) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation) =>
        RunAsync(context, MethodType.Unary, async call =>
        {
            call.Received();
            TResponse response = await continuation(request, context);
            call.Sent.Inc();
            return response;
        });

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        RunAsync(context, MethodType.ClientStreaming, async call =>
        {
            TResponse response = await continuation(new CountedReader<TRequest>(requestStream, call.ReceivedCounter), context);
            call.Sent.Inc();
            return response;
        });

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        RunAsync(context, MethodType.ServerStreaming, async call =>
        {
            call.Received();
            await continuation(request, new CountedWriter<TResponse>(responseStream, call.Sent), context);
            return true;
        });

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        RunAsync(context, MethodType.DuplexStreaming, async call =>
        {
            CountedReader<TRequest> reader = new(requestStream, call.ReceivedCounter);
            await continuation(reader, new CountedWriter<TResponse>(responseStream, call.Sent), context);
            return true;
        });

    private async Task<T> RunAsync<T>(ServerCallContext context, MethodType type, Func<GrpcServerMetrics.CallMetrics, Task<T>> run)
    {
        GrpcServerMetrics.CallMetrics call = metrics.Of(context.Method, type);
        GrpcRequestLog? log = requestLog?.Logs(context) == true ? requestLog : null;
        call.Start();
        log?.Started(context, type);
        long started = time.GetTimestamp();
        StatusCode code = StatusCode.OK;
        string? error = null;
        try
        {
            T result = await run(call);
            code = context.Status.StatusCode;
            error = code == StatusCode.OK ? null : context.Status.Detail;
            return result;
        }
        catch (RpcException e)
        {
            (code, error) = (e.StatusCode, e.Status.Detail);
            throw;
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            bool isLate = context.Deadline <= time.GetUtcNow().UtcDateTime;
            (code, error) = isLate ? (StatusCode.DeadlineExceeded, "context deadline exceeded") : (StatusCode.Cancelled, "context canceled");
            throw new RpcException(new Status(code, error));
        }
        catch (Exception e)
        {
            (code, error) = (StatusCode.Internal, e.Message);
            metrics.Panics.Inc();
            logger.Error("unexpected error in a gRPC call", [("method", context.Method), ("err", e), ("stack", e.StackTrace)]);
            throw new RpcException(new Status(code, e.Message, e));
        }
        finally
        {
            TimeSpan elapsed = time.GetElapsedTime(started);
            call.End(code, elapsed);
            log?.Finished(context, type, code, error, elapsed);
        }
    }

    private sealed class CountedReader<T>(IAsyncStreamReader<T> inner, Counter.Child count) : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (!await inner.MoveNext(cancellationToken)) return false;
            count.Inc();
            return true;
        }
    }

    private sealed class CountedWriter<T>(IServerStreamWriter<T> inner, Counter.Child count) : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions { get => inner.WriteOptions; set => inner.WriteOptions = value; }

        public Task WriteAsync(T message) => WriteAsync(message, default);

        public Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            count.Inc();
            return inner.WriteAsync(message, cancellationToken);
        }
    }
}
