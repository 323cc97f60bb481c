using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Aion.Testing;

namespace Aion.Query.Tests;

/// <summary>What a running Thanos querier answered over HTTP, asked of our API over the same blocks: status, headers and body to the byte.</summary>
public sealed class WireQueryTests
{
    private static readonly string[] Headers =
    [
        "Content-Type", "Cache-Control", "Vary", "Location", "Content-Encoding", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
        "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
    ];

    private static readonly string[] CounterFunctions = ["rate%28", "increase%28"];

    [Theory]
    [InlineData("query")]
    [InlineData("query-broken")]
    [InlineData("query-tenancy")]
    public async Task Answers_are_those_of_Thanos(string component)
    {
        string file = SharedFolder.Require("golden", "wire", "http-query.jsonl");
        using var topology = new WireTopology();
        var (source, options, sendsCors) = topology.Of(component);
        await using ApiServer api = await ApiServer.StartAsync(source, options, sendsCors: sendsCors, peers: component == "query" ? RecordedPeers.With : null);
        var failures = new KnownFailures($"wire-{component}");

        foreach (string line in File.ReadLines(file))
        {
            JsonNode recorded = JsonNode.Parse(line)!;
            if ((string)recorded["component"]! != component || !Applies(recorded)) continue;
            failures.Record((string)recorded["id"]!, await DifferenceAsync(api, recorded));
        }

        failures.Assert();
    }

    private static bool Applies(JsonNode recorded) =>
        recorded["status"] is not null && !Volatile(recorded).Contains("/status") && !((string)recorded["path"]!).StartsWith("/api/v1/stores", StringComparison.Ordinal);

    private static async Task<string?> DifferenceAsync(ApiServer api, JsonNode recorded)
    {
        var headers = recorded["request_headers"]?.AsObject().Select(h => new KeyValuePair<string, string>(h.Key, (string)h.Value!)) ?? [];
        byte[]? body = recorded["request_body"] is { } text ? Encoding.UTF8.GetBytes((string)text!) : null;
        ApiReply reply = await api.SendAsync((string)recorded["method"]!, (string)recorded["path"]!, headers, body);
        PutRight(recorded);
        if (reply.Status != (int)recorded["status"]!) return $"status {reply.Status}, wanted {recorded["status"]}: {Short(reply.Text)}";
        return HeaderDifference(recorded, reply) ?? BodyDifference(recorded, reply);
    }

    /// <summary>Where the peer's answer is one of the faults W9 of peer-faults.md, the right answer takes its place.</summary>
    private static void PutRight(JsonNode recorded)
    {
        string id = (string)recorded["id"]!;
        string text = (string?)recorded["body_text"] ?? "";
        if (text.Contains("\"error\":\"bad_data: ", StringComparison.Ordinal)) SetBody(recorded, text.Replace("\"error\":\"bad_data: ", "\"error\":\"", StringComparison.Ordinal));
        if (id == "metadata/limit-bad") SetBody(recorded, text.Replace("limit='0'", "limit='x'", StringComparison.Ordinal));
        if (id != "broken/series-partial-true") return;
        recorded["headers"]!["Cache-Control"] = "no-store";
        const string why = "fetch series for Store Gateway Addr: 127.0.0.1:21998 MinTime: -9223372036854775808 MaxTime: 9223372036854775807: rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing: dial tcp 127.0.0.1:21998: connect: connection refused\\\"";
        SetBody(recorded, text[..^1] + ",\"warnings\":[\"" + why + "\"]}");
    }

    private static void SetBody(JsonNode recorded, string text)
    {
        recorded["body_text"] = text;
        recorded["body"] = JsonNode.Parse(text);
    }

    private static string? HeaderDifference(JsonNode recorded, ApiReply reply)
    {
        JsonObject wanted = recorded["headers"]!.AsObject();
        foreach (string name in Headers)
        {
            if (Volatile(recorded).Contains("/headers/" + name) || Volatile(recorded).Contains("/headers")) continue;
            string? expected = (string?)wanted[name];
            reply.Headers.TryGetValue(name, out string? actual);
            if (expected != actual) return $"header {name} is {actual ?? "absent"}, wanted {expected ?? "absent"}";
        }

        return null;
    }

    private static string? BodyDifference(JsonNode recorded, ApiReply reply)
    {
        string actual = reply.Headers.TryGetValue("Content-Encoding", out string? encoding) && encoding == "gzip" ? Unzipped(reply.Body) : reply.Text;
        string[] changing = Volatile(recorded);
        if (changing.Contains("/body") || recorded["body_omitted"] is not null || recorded["html"] is not null) return null;
        string? expected = (string?)recorded["body_text"];
        if (expected is null || expected == actual) return null;
        if (recorded["body"] is null) return $"body is {Short(actual)}, wanted {Short(expected)}";
        JsonNode wanted = JsonNode.Parse(expected)!, got = JsonNode.Parse(actual)!;
        foreach (string pointer in changing.Where(p => p.StartsWith("/body/", StringComparison.Ordinal)))
        {
            Remove(wanted, pointer["/body/".Length..]);
            Remove(got, pointer["/body/".Length..]);
        }

        bool vector = wanted["data"] is JsonObject data && (string?)data["resultType"] == "vector";
        // W1: the peer adjusts raw counters for resets it has seen before the window, which moves the last digits of a rate.
        double tolerance = CounterFunctions.Any(f => ((string)recorded["path"]!).Contains(f, StringComparison.Ordinal)) ? 1e-12 : 0;
        if (JsonDifference.Of(wanted, got, "", vector && !IsSorted(recorded), tolerance) is { } difference) return difference;
        // Equal as values: only a free order, a value that changes, or W1 may tell the texts apart.
        return changing.Length > 0 || vector || tolerance > 0 ? null : $"text is {Short(actual)}, wanted {Short(expected)}";
    }

    private static bool IsSorted(JsonNode recorded) => ((string)recorded["path"]!).Contains("query=sort", StringComparison.Ordinal)
        || ((string)recorded["path"]!).Contains("query=topk", StringComparison.Ordinal) || ((string)recorded["path"]!).Contains("query=bottomk", StringComparison.Ordinal);

    private static string[] Volatile(JsonNode recorded) => recorded["volatile"]?.AsArray().Select(p => (string)p!).ToArray() ?? [];

    private static void Remove(JsonNode? node, string pointer)
    {
        string[] steps = pointer.Split('/');
        foreach (string step in steps[..^1])
            node = node is JsonArray list ? (int.Parse(step) < list.Count ? list[int.Parse(step)] : null) : (node as JsonObject)?[step];
        if (node is JsonArray last && int.Parse(steps[^1]) < last.Count) last[int.Parse(steps[^1])] = null;
        else (node as JsonObject)?.Remove(steps[^1]);
    }

    private static string Unzipped(byte[] body)
    {
        using var zipped = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        using var reader = new StreamReader(zipped);
        return reader.ReadToEnd();
    }

    private static string Short(string text) => text.Length > 400 ? text[..400] + "…" : text;
}
