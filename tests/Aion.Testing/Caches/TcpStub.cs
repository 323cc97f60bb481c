using System.Net;
using System.Net.Sockets;

namespace Aion.Testing;

/// <summary>A server that takes connections and does with each what a test says.</summary>
public sealed class TcpStub : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    /// <param name="serve">Called for each connection, which is closed when it returns.</param>
    public TcpStub(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _listener.Start();
        _accepting = AcceptAsync(serve);
    }

    /// <summary>Answers whatever is sent with bytes that are no protocol.</summary>
    public static TcpStub Garbage() => new(async (stream, token) =>
    {
        var request = new byte[64 * 1024];
        var junk = new byte[8 * 1024];
        new Random(1).NextBytes(junk);
        while (await stream.ReadAsync(request, token) > 0) await stream.WriteAsync(junk, token);
    });

    /// <summary>Host and port.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token), serve));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> serve)
    {
        Interlocked.Increment(ref _connections);
        using (client)
        {
            try
            {
                await serve(client.GetStream(), _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The peer went away, or the test is over.
            }
        }
    }
}
