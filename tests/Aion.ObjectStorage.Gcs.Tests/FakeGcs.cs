using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aion.Testing;

namespace Aion.ObjectStorage.Gcs.Tests;

/// <summary>
/// Google's cloud storage in small, after its documentation: objects with generations, preconditions, pages, ranges, checksums, and uploads
/// in several chunks.
/// </summary>
internal sealed class FakeGcs : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (byte[] Content, DateTimeOffset Updated)> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Key, bool IfAbsent, MemoryStream Content)> _sessions = [];
    private readonly StubHttpServer _server;

    public FakeGcs() => _server = new StubHttpServer(Answer);

    public string Address => _server.Address;

    /// <summary>Of one chunk, so many bytes at most are stored; 0 = all.</summary>
    public int KeepsAtMost { get; set; }

    /// <summary>Requests that get 503 before anything happens.</summary>
    public Func<StubRequest, bool> FailWhen { get; set; } = _ => false;

    public int OpenSessions
    {
        get
        {
            lock (_lock) return _sessions.Count;
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private StubAnswer Answer(StubRequest request)
    {
        if (FailWhen(request)) return new StubAnswer(503, "busy");
        var url = new Uri("http://h" + request.Target);
        Dictionary<string, string> query = url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p.Length > 1 ? Uri.UnescapeDataString(p[1]) : "");
        const string ObjectPath = "/storage/v1/b/b/o/";
        lock (_lock)
        {
            if (url.AbsolutePath.StartsWith("/upload/", StringComparison.Ordinal)) return Upload(request, query);
            if (url.AbsolutePath == ObjectPath.TrimEnd('/')) return List(query);
            return OneObject(request, Uri.UnescapeDataString(url.AbsolutePath[ObjectPath.Length..]), query);
        }
    }

    private StubAnswer OneObject(StubRequest request, string key, Dictionary<string, string> query)
    {
        if (!_objects.TryGetValue(key, out var found)) return Error(404, $"No such object: b/{key}");
        if (request.Method == "DELETE")
        {
            _objects.Remove(key);
            return new StubAnswer(204);
        }

        if (!query.TryGetValue("alt", out string? alt) || alt != "media") return Json(Describe(key));
        if (request.Header("Range") is not { Length: > 0 } header) return Media(200, found.Content);
        RangeItemHeaderValue range = RangeHeaderValue.Parse(header).Ranges.Single();
        long from = range.From!.Value;
        if (from >= found.Content.Length) return Error(416, "The requested range cannot be satisfied.");
        long to = Math.Min(range.To ?? long.MaxValue, found.Content.Length - 1);
        return Media(206, found.Content[(int)from..((int)to + 1)]);
    }

    private StubAnswer List(Dictionary<string, string> query)
    {
        string prefix = query.GetValueOrDefault("prefix", "");
        var entries = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (string key in _objects.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)))
        {
            int slash = query.ContainsKey("delimiter") ? key.IndexOf('/', prefix.Length) : -1;
            if (slash < 0) entries[key] = Describe(key);
            else entries[key[..(slash + 1)]] = null;
        }

        const int PageSize = 3;
        string after = query.GetValueOrDefault("pageToken", "");
        var page = entries.Where(e => string.CompareOrdinal(e.Key, after) > 0).Take(PageSize + 1).ToList();
        var answer = new JsonObject
        {
            ["items"] = new JsonArray([.. page.Take(PageSize).Where(e => e.Value is not null).Select(e => e.Value)]),
            ["prefixes"] = new JsonArray([.. page.Take(PageSize).Where(e => e.Value is null).Select(e => (JsonNode)e.Key)]),
        };
        if (page.Count > PageSize) answer["nextPageToken"] = page[PageSize - 1].Key;
        return Json(answer);
    }

    private StubAnswer Upload(StubRequest request, Dictionary<string, string> query)
    {
        bool ifAbsent = query.GetValueOrDefault("ifGenerationMatch") == "0";
        if (query.TryGetValue("session", out string? session)) return Chunk(request, session);
        if (query["uploadType"] == "resumable")
        {
            string key = JsonNode.Parse(request.Body)!["name"]!.GetValue<string>();
            if (ifAbsent && _objects.ContainsKey(key)) return Error(412, "At least one of the pre-conditions you specified did not hold.");
            string id = Guid.NewGuid().ToString("N");
            _sessions[id] = (key, ifAbsent, new MemoryStream());
            return new StubAnswer(200) { Headers = new() { ["Location"] = $"http://{Address}/upload/storage/v1/b/b/o?session={id}" } };
        }

        var (name, md5, content) = Parts(request);
#pragma warning disable CA5351 // The service's own checksum.
        if (md5 != Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(content))) return Error(400, "Provided MD5 hash does not match.");
#pragma warning restore CA5351
        return Store(name, content, ifAbsent);
    }

    private StubAnswer Chunk(StubRequest request, string id)
    {
        if (!_sessions.TryGetValue(id, out var session)) return Error(410, "gone");
        if (request.Method == "DELETE")
        {
            _sessions.Remove(id);
            return new StubAnswer(499);
        }

        // bytes a-b/total, bytes a-b/*, bytes */total
        string[] parts = request.Header("Content-Range")["bytes ".Length..].Split('/');
        if (parts[0] != "*")
        {
            long from = long.Parse(parts[0].Split('-')[0], CultureInfo.InvariantCulture);
            if (from > session.Content.Length) return Error(400, "a gap");
            int kept = KeepsAtMost > 0 && parts[1] == "*" ? Math.Min(KeepsAtMost, request.Body.Length) : request.Body.Length;
            session.Content.Position = from;
            session.Content.Write(request.Body, 0, kept);
        }

        if (parts[1] == "*" || session.Content.Length != long.Parse(parts[1], CultureInfo.InvariantCulture))
            return new StubAnswer(308) { Headers = new() { ["Range"] = $"bytes=0-{session.Content.Length - 1}" } };
        _sessions.Remove(id);
        return Store(session.Key, session.Content.ToArray(), session.IfAbsent);
    }

    private StubAnswer Store(string key, byte[] content, bool ifAbsent)
    {
        if (ifAbsent && _objects.ContainsKey(key)) return Error(412, "At least one of the pre-conditions you specified did not hold.");
        _objects[key] = (content, TimeProvider.System.GetUtcNow());
        return Json(Describe(key));
    }

    private JsonObject Describe(string key) => new()
    {
        ["name"] = key,
        ["size"] = _objects[key].Content.Length.ToString(CultureInfo.InvariantCulture),
        ["updated"] = _objects[key].Updated.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
    };

    private static (string Name, string? Md5, byte[] Content) Parts(StubRequest request)
    {
        string boundary = MediaTypeHeaderValue.Parse(request.Header("Content-Type")).Parameters.Single(p => p.Name == "boundary").Value!.Trim('"');
        string text = Encoding.Latin1.GetString(request.Body);
        string[] parts = text.Split("--" + boundary);
        JsonNode description = JsonNode.Parse(Encoding.Latin1.GetBytes(BodyOf(parts[1])))!;
        return (description["name"]!.GetValue<string>(), description["md5Hash"]?.GetValue<string>(), Encoding.Latin1.GetBytes(BodyOf(parts[2])));
    }

    private static string BodyOf(string part)
    {
        string body = part[(part.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        return body[..^2];
    }

    private static StubAnswer Media(int status, byte[] content) => new(status, ContentType: "application/octet-stream") { Bytes = content };

    private static StubAnswer Json(JsonNode body) => new(200, body.ToJsonString(), "application/json");

    private static StubAnswer Error(int status, string message) =>
        new(status, JsonSerializer.Serialize(new { error = new { code = status, message } }), "application/json");
}
