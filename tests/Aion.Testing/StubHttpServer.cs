using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Aion.Testing;

/// <summary>One request as a stub server got it.</summary>
/// <param name="Target">Path and query as sent.</param>
public sealed record StubRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Header(string name) => Headers.TryGetValue(name, out string? value) ? value : "";
}

/// <summary>What a stub server answers.</summary>
/// <param name="CutAfter">Close the connection after so many bytes of the body; -1 = send all.</param>
public sealed record StubAnswer(int Status, string Body = "", string ContentType = "application/xml", int CutAfter = -1)
{
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Where the body is cut: keep the connection open and say nothing more.</summary>
    public bool Stalls { get; init; }

    /// <summary>The body where it is no text.</summary>
    public byte[]? Bytes { get; init; }
}

/// <summary>An HTTP server on a free port that answers as a test says, half answers included, and keeps a record of the requests.</summary>
public sealed class StubHttpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<StubRequest, StubAnswer> _answer;
    private readonly Task _accepting;

    private readonly SslServerAuthenticationOptions? _tls;

    /// <param name="tls">Null = plain HTTP.</param>
    public StubHttpServer(Func<StubRequest, StubAnswer> answer, SslServerAuthenticationOptions? tls = null)
    {
        _tls = tls;
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public ConcurrentQueue<StubRequest> Requests { get; } = new();

    /// <summary>Host and port.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    public async ValueTask DisposeAsync()
    {
        // The accept loop ends before its listener does: a stopped listener refuses the next accept with an error of its own.
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            Stream connection = client.GetStream();
            try
            {
                if (_tls is not null)
                {
                    var secure = new SslStream(connection);
                    await secure.AuthenticateAsServerAsync(_tls, _stop.Token);
                    connection = secure;
                }

                var stream = new BufferedStream(connection);
                while (await ReadAsync(stream) is { } request)
                {
                    Requests.Enqueue(request);
                    if (!await WriteAsync(stream, request, _answer(request))) return;
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or AuthenticationException)
            {
                // The peer went away, or the test is over.
            }
        }
    }

    private async Task<StubRequest?> ReadAsync(Stream stream)
    {
        string first = await ReadLineAsync(stream);
        if (first.Length == 0) return null;
        string[] parts = first.Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await ReadLineAsync(stream) is { Length: > 0 } line)
            headers[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        if (headers.TryGetValue("Expect", out _)) await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _stop.Token);
        await stream.FlushAsync(_stop.Token);
        return new StubRequest(parts[0], parts[1], headers, await ReadBodyAsync(stream, headers));
    }

    private async Task<byte[]> ReadBodyAsync(Stream stream, Dictionary<string, string> headers)
    {
        if (headers.TryGetValue("Content-Length", out string? length))
        {
            var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(body, _stop.Token);
            return body;
        }

        if (!headers.ContainsKey("Transfer-Encoding")) return [];
        using var whole = new MemoryStream();
        while (int.Parse(await ReadLineAsync(stream), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
        {
            var chunk = new byte[size];
            await stream.ReadExactlyAsync(chunk, _stop.Token);
            whole.Write(chunk);
            await ReadLineAsync(stream);
        }

        await ReadLineAsync(stream);
        return whole.ToArray();
    }

    private async Task<string> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1 && one[0] != '\n')
            if (one[0] != '\r') line.Append((char)one[0]);
        return line.ToString();
    }

    private async Task<bool> WriteAsync(Stream stream, StubRequest request, StubAnswer answer)
    {
        byte[] body = answer.Bytes ?? Encoding.UTF8.GetBytes(answer.Body);
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} X\r\nContent-Type: {answer.ContentType}\r\n");
        if (!answer.Headers.ContainsKey("Content-Length")) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        foreach ((string name, string value) in answer.Headers) head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _stop.Token);
        if (request.Method != "HEAD") await stream.WriteAsync(answer.CutAfter < 0 ? body : body.AsMemory(0, answer.CutAfter), _stop.Token);
        await stream.FlushAsync(_stop.Token);
        if (answer.Stalls) await Task.Delay(Timeout.Infinite, _stop.Token);
        return answer.CutAfter < 0;
    }
}
