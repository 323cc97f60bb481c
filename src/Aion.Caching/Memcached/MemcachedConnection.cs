using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Aion.Caching;

/// <summary>One connection that speaks memcached's text protocol. One operation at a time; after a failure it must not be used again.</summary>
internal sealed class MemcachedConnection : IDisposable
{
    /// <summary>More than the servers of any cluster take to be named.</summary>
    private const int MaxClusterBytes = 1 << 20;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly ReplyReader _reader;

    private MemcachedConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: false);
        _reader = new ReplyReader(_stream);
    }

    /// <summary>Whether the last operation failed before anything came back, as when the server closed the connection long ago.</summary>
    public bool WasStale => !_reader.HasAnswer;

    /// <param name="address"><c>host:port</c>, or the path of a socket.</param>
    public static async Task<MemcachedConnection> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        try
        {
            if (address.Contains('/', StringComparison.Ordinal))
            {
                socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(address), cancellationToken);
            }
            else
            {
                int colon = address.LastIndexOf(':');
                if (colon < 0 || !ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
                    throw new CacheException(CacheFault.NetworkError, $"address {address} has no port");
                socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(address[..colon].Trim('[', ']'), port, cancellationToken);
            }

            return new MemcachedConnection(socket);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>Looks up keys; larger values are passed over.</summary>
    /// <returns>Per key its value or null, and how many were too large.</returns>
    public async Task<(byte[]?[] Values, int TooLarge)> GetAsync(IReadOnlyList<string> keys, long maxItemBytes, CancellationToken cancellationToken)
    {
        var request = new ArrayBufferWriter<byte>(16 + keys.Count * 64);
        Write(request, "get");
        foreach (string key in keys)
        {
            Write(request, " ");
            Write(request, key);
        }

        Write(request, "\r\n");
        await SendAsync(request, cancellationToken);
        var values = new byte[]?[keys.Count];
        int next = 0, tooLarge = 0;
        while (true)
        {
            string line = await _reader.LineAsync(cancellationToken);
            if (line == "END") return (values, tooLarge);
            (string key, long length) = ValueLine(line);
            int index = IndexOf(keys, key, ref next);
            if (length > maxItemBytes)
            {
                tooLarge++;
                await _reader.SkipAsync(length, cancellationToken);
            }
            else
            {
                var value = new byte[length];
                await _reader.ReadAsync(value, cancellationToken);
                values[index] = value;
            }

            if ((await _reader.LineAsync(cancellationToken)).Length > 0) throw NotProtocol("a value is not as long as was said");
        }
    }

    /// <returns>How many were stored.</returns>
    public async Task<int> SetAsync(IReadOnlyList<PendingSet> values, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var request = new ArrayBufferWriter<byte>();
        foreach (PendingSet set in values)
        {
            long expires = (now + set.TimeToLive).ToUnixTimeSeconds();
            Write(request, string.Create(CultureInfo.InvariantCulture, $"set {set.Key} 0 {expires} {set.Value.Length}\r\n"));
            request.Write(set.Value);
            Write(request, "\r\n");
        }

        await SendAsync(request, cancellationToken);
        var stored = 0;
        for (var i = 0; i < values.Count; i++)
        {
            string line = await _reader.LineAsync(cancellationToken);
            if (line == "STORED") stored++;
            else if (!line.StartsWith("SERVER_ERROR", StringComparison.Ordinal) && line != "NOT_STORED") throw NotProtocol(line);
        }

        return stored;
    }

    public async Task VersionAsync(CancellationToken cancellationToken)
    {
        var request = new ArrayBufferWriter<byte>();
        Write(request, "version\r\n");
        await SendAsync(request, cancellationToken);
        string line = await _reader.LineAsync(cancellationToken);
        if (!line.StartsWith("VERSION ", StringComparison.Ordinal)) throw NotProtocol(line);
    }

    /// <summary>The servers of the cluster that this one belongs to, as ElastiCache tells them: <c>host:port</c>.</summary>
    public async Task<IReadOnlyList<string>> ClusterAsync(CancellationToken cancellationToken)
    {
        var request = new ArrayBufferWriter<byte>();
        Write(request, "config get cluster\r\n");
        await SendAsync(request, cancellationToken);
        string head = await _reader.LineAsync(cancellationToken);
        string[] fields = head.Split(' ');
        if (fields.Length != 4 || fields[0] != "CONFIG" || fields[1] != "cluster"
            || !int.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out int length) || length > MaxClusterBytes)
            throw NotProtocol(head);
        // A version, then the servers, in a line that grows with the cluster: longer than any other of the protocol.
        var content = new byte[length];
        await _reader.ReadAsync(content, cancellationToken);
        string[] lines = Encoding.UTF8.GetString(content).Split('\n');
        if (lines.Length < 2) throw NotProtocol("a cluster without servers");
        var addresses = new List<string>();
        foreach (string node in lines[1].Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = node.Split('|');
            if (parts.Length != 3) throw NotProtocol($"{node} is no host|ip|port");
            string host = parts[1].Length > 0 ? parts[1] : parts[0];
            addresses.Add(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{parts[2]}" : $"{host}:{parts[2]}");
        }

        return addresses;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task SendAsync(ArrayBufferWriter<byte> request, CancellationToken cancellationToken)
    {
        if (!_reader.IsClean) throw NotProtocol("bytes came that nobody asked for");
        _reader.Expect();
        await _stream.WriteAsync(request.WrittenMemory, cancellationToken);
    }

    private static (string Key, long Length) ValueLine(string line)
    {
        if (line.StartsWith("SERVER_ERROR", StringComparison.Ordinal)) throw new CacheException(CacheFault.ServerError, line);
        string[] parts = line.Split(' ');
        return parts.Length is 4 or 5 && parts[0] == "VALUE"
            && int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            ? (parts[1], length)
            : throw NotProtocol(line);
    }

    /// <summary>Values come in the order of their keys, usually; proxies may have another.</summary>
    private static int IndexOf(IReadOnlyList<string> keys, string key, ref int next)
    {
        for (int i = next; i < keys.Count; i++)
        {
            if (keys[i] != key) continue;
            next = i + 1;
            return i;
        }

        for (var i = 0; i < next; i++)
            if (keys[i] == key) return i;
        throw NotProtocol("a value came that nobody asked for");
    }

    private static void Write(ArrayBufferWriter<byte> request, string text) => Encoding.UTF8.GetBytes(text, request);

    private static CacheException NotProtocol(string what) => new(
        CacheFault.Other, $"the server sends something unexpected: {(what.Length > 100 ? what[..100] + "…" : what)}");
}
