using System.Globalization;
using System.Net.Sockets;
using Aion.Storage;
using Grpc.Core;

namespace Aion.StoreApi;

/// <summary>Store errors to and from gRPC status codes, and to the text that Thanos shows for them.</summary>
public static class StoreErrors
{
    /// <summary>The HTTP-like code that Thanos uses for queries that a store refuses to process.</summary>
    private const StatusCode Unprocessable = (StatusCode)422;

    public static StatusCode CodeOf(StoreErrorKind kind) => kind switch
    {
        StoreErrorKind.InvalidArgument => StatusCode.InvalidArgument,
        StoreErrorKind.NotFound => StatusCode.NotFound,
        StoreErrorKind.ResourceExhausted => StatusCode.ResourceExhausted,
        StoreErrorKind.Unavailable => StatusCode.Unavailable,
        StoreErrorKind.Aborted => StatusCode.Aborted,
        StoreErrorKind.Internal => StatusCode.Internal,
        StoreErrorKind.DeadlineExceeded => StatusCode.DeadlineExceeded,
        StoreErrorKind.DataLoss => StatusCode.DataLoss,
        StoreErrorKind.Unimplemented => StatusCode.Unimplemented,
        StoreErrorKind.Unprocessable => Unprocessable,
        _ => StatusCode.Unknown,
    };

    public static StoreErrorKind KindOf(StatusCode code) => code switch
    {
        StatusCode.InvalidArgument => StoreErrorKind.InvalidArgument,
        StatusCode.NotFound => StoreErrorKind.NotFound,
        StatusCode.ResourceExhausted => StoreErrorKind.ResourceExhausted,
        StatusCode.Unavailable => StoreErrorKind.Unavailable,
        StatusCode.Aborted => StoreErrorKind.Aborted,
        StatusCode.Internal => StoreErrorKind.Internal,
        StatusCode.DeadlineExceeded => StoreErrorKind.DeadlineExceeded,
        StatusCode.DataLoss => StoreErrorKind.DataLoss,
        StatusCode.Unimplemented => StoreErrorKind.Unimplemented,
        Unprocessable => StoreErrorKind.Unprocessable,
        _ => StoreErrorKind.Unknown,
    };

    /// <summary>The status a caller gets for an error of a store; null for what no store foresaw, which is the server's to log and count.</summary>
    public static RpcException? ToRpc(Exception error) => error switch
    {
        StoreException store => new RpcException(new Status(CodeOf(store.Kind), store.Message)),
        BudgetExceededException budget => new RpcException(new Status(StatusCode.ResourceExhausted, budget.Message)),
        _ => null,
    };

    /// <summary>What a call to a peer failed with.</summary>
    /// <param name="address">The peer, for errors of connecting.</param>
    public static StoreException FromRpc(RpcException error, string address)
    {
        string detail = SocketErrorOf(error.Status.DebugException) is { } socket
            ? $"connection error: desc = \"transport: Error while dialing: dial tcp {address}: {Describe(socket)}\""
            : error.Status.Detail;
        return new StoreException(KindOf(error.StatusCode), detail, error);
    }

    /// <summary>An error as grpc-go prints it: <c>rpc error: code = … desc = …</c>.</summary>
    public static string Text(Exception error) => error switch
    {
        StoreException store => $"rpc error: code = {Name(store.Kind)} desc = {store.Message}",
        RpcException rpc => $"rpc error: code = {Name(KindOf(rpc.StatusCode))} desc = {rpc.Status.Detail}",
        _ => error.Message,
    };

    private static string Name(StoreErrorKind kind) => kind == StoreErrorKind.Unprocessable
        ? string.Create(CultureInfo.InvariantCulture, $"Code({(int)Unprocessable})")
        : kind.ToString();

    private static SocketException? SocketErrorOf(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            if (error is SocketException socket) return socket;
        return null;
    }

    private static string Describe(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connect: connection refused",
        SocketError.HostNotFound or SocketError.NoData => "lookup: no such host",
        SocketError.TimedOut => "i/o timeout",
        SocketError.NetworkUnreachable => "connect: network is unreachable",
        SocketError.HostUnreachable => "connect: no route to host",
        _ => error.Message,
    };
}
