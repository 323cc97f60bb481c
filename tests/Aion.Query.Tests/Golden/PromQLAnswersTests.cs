using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aion.Model;
using Aion.PromQL;
using Aion.Testing;

namespace Aion.Query.Tests;

/// <summary>
/// What Prometheus answered over HTTP on a recorded block, asked of our API over the same block. Values must be equal to the last digit;
/// the envelope differs where Thanos's does (see <see cref="Expected"/>).
/// </summary>
public sealed partial class PromQLAnswersTests
{
    private static readonly string[] Endpoints = ["query", "query_range", "series", "labels", "format_query", "parse_query"];

    private static readonly string[] ParameterErrors =
        ["invalid parameter", "to a valid", "query resolution step", "maximum resolution", "end timestamp must", "limit must", "strconv.Atoi"];

    // The label sets of the recorded write-ahead log, whose samples no case of these endpoints reads.
    private static readonly Labels[] WalSeries =
    [
        Labels.Of("__name__", "traced_total", "job", "api"), Labels.Of("__name__", "traced_total", "job", "web"),
        Labels.Of("__name__", "traced_bucket", "le", "0.5"), Labels.Of("__name__", "plain"),
    ];

    [Theory]
    [InlineData("default")]
    [InlineData("features")]
    public async Task Answers_are_those_of_Prometheus(string server)
    {
        string golden = SharedFolder.Require("golden", "promql");
        string block = Directory.EnumerateDirectories(Path.Combine(golden, "data"), "01*").Single();
        using var source = new BlockQuerySource(block, WalSeries);
        bool features = server == "features";
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions
        {
            DelayedNameRemoval = features,
            Parser = features ? ParserOptions.AllFeatures : ParserOptions.Default,
        });
        var failures = new KnownFailures($"promql-{server}");

        foreach (string line in File.ReadLines(Path.Combine(golden, "answers.jsonl")))
        {
            JsonNode recorded = JsonNode.Parse(line)!;
            if ((string?)recorded["server"] is not ("both" or "default" or "features") || !Applies(recorded, server)) continue;
            failures.Record($"{recorded["id"]}", await DifferenceAsync(api, recorded));
        }

        failures.Assert();
    }

    private static bool Applies(JsonNode recorded, string server)
    {
        string owner = (string)recorded["server"]!, path = (string)recorded["path"]!, method = (string)recorded["method"]!;
        if (owner != server && owner != "both") return false;
        if (!path.StartsWith("/api/v1/", StringComparison.Ordinal)) return false;
        string endpoint = path["/api/v1/".Length..];
        if (!(Endpoints.Contains(endpoint) || (endpoint.StartsWith("label/", StringComparison.Ordinal) && endpoint.EndsWith("/values", StringComparison.Ordinal)))) return false;
        if (method is not ("GET" or "POST") || (int)recorded["status"]! is 405 or 307) return false;
        // Whether a query makes it within a millisecond is up to the machine.
        return !FollowsThanos(recorded, endpoint) && !Parameters(recorded).Any(p => p.Key == "timeout" && p.Value == "1ms");
    }

    /// <summary>Where Thanos answers otherwise than Prometheus by design, and ours as Thanos; the recordings of Thanos assert it.</summary>
    private static bool FollowsThanos(JsonNode recorded, string endpoint)
    {
        // A limit on a query is ignored, an empty step is none, and any text asks for statistics.
        if (endpoint.StartsWith("query", StringComparison.Ordinal))
            return Parameters(recorded).Any(p => (p.Key == "limit" && p.Value.Length > 0) || (p.Key == "step" && p.Value.Length == 0) || (p.Key == "stats" && p.Value is "none" or "x"));
        // A selector that matches everything reaches the stores.
        if (((string)recorded["body"]!).Contains("must contain at least one non-empty matcher", StringComparison.Ordinal)) return true;
        // A range that ends before it starts is an error.
        var times = Parameters(recorded).Where(p => p.Key is "start" or "end").ToDictionary(p => p.Key, p => p.Value);
        return (int)recorded["status"]! == 200 && times.Count == 2 && double.TryParse(times["start"], out double start) && double.TryParse(times["end"], out double end) && end < start;
    }

    private static async Task<string?> DifferenceAsync(ApiServer api, JsonNode recorded)
    {
        string path = (string)recorded["path"]!, method = (string)recorded["method"]!;
        string encoded = string.Join('&', Parameters(recorded).Select(p => Uri.EscapeDataString(p.Key) + "=" + Uri.EscapeDataString(p.Value)));
        ApiReply reply = method == "POST"
            ? await api.SendAsync("POST", path, [new("Content-Type", "application/x-www-form-urlencoded")], Encoding.UTF8.GetBytes(encoded))
            : await api.GetAsync(encoded.Length == 0 ? path : path + "?" + encoded);
        JsonNode? actual;
        try
        {
            actual = JsonNode.Parse(reply.Text);
        }
        catch (JsonException e)
        {
            return $"no JSON ({e.Message}): {reply.Status} {reply.Text}";
        }

        var expected = Expected(recorded, reply.Status);
        if (expected.Status != reply.Status) return $"status {reply.Status}, wanted {expected.Status}: {reply.Text}";
        return JsonDifference.Of(expected.Body, Stripped(actual!, recorded), "", IsUnordered(recorded));
    }

    /// <summary>The recorded answer in the form that this API gives it.</summary>
    private static (int Status, JsonNode Body) Expected(JsonNode recorded, int actualStatus)
    {
        var status = (int)recorded["status"]!;
        string text = (string)recorded["body"]!;
        // W8: where Prometheus fails to print its own tree, ours prints it.
        if (status == 500 && actualStatus == 200) return (200, new JsonObject { ["status"] = "success" });
        JsonNode body = JsonNode.Parse(text)!;
        if (status == 200)
        {
            var remarks = new JsonArray();
            foreach (string key in (string[])["warnings", "infos"])
                if (body[key] is JsonArray list) foreach (JsonNode? remark in list) remarks.Add(PositionPattern().Replace((string)remark!, ""));
            body.AsObject().Remove("infos");
            body.AsObject().Remove("warnings");
            if (remarks.Count > 0) body["warnings"] = remarks;
            if (body["data"] is JsonObject data && data["stats"] is { } stats) data["stats"] = stats["samples"]!["totalQueryableSamples"]!.ToString();
            return (status, body);
        }

        return (status, new JsonObject { ["status"] = "error", ["errorType"] = (string)body["errorType"]!, ["error"] = ErrorOf((string)body["error"]!, recorded) });
    }

    private static JsonNode Stripped(JsonNode actual, JsonNode recorded)
    {
        if ((int)recorded["status"]! == 500) return new JsonObject { ["status"] = (string)actual["status"]! };
        if (actual["data"] is JsonObject data)
        {
            data.Remove("analysis");
            if (data["stats"] is { } stats) data["stats"] = stats["samples"]!["totalQueryableSamples"]!.ToString();
        }

        if (actual["error"] is { } error) actual["error"] = ErrorOf((string)error!, recorded);
        return actual;
    }

    /// <summary>Errors of parameters have Thanos's words here; those of queries are equal but for a prefix and the order of two series.</summary>
    private static string ErrorOf(string text, JsonNode recorded)
    {
        foreach (string prefix in (string[])["invalid parameter \"query\": ", "invalid parameter \"match[]\": "])
            if (text.StartsWith(prefix, StringComparison.Ordinal)) return text[prefix.Length..];
        if (text.StartsWith("found duplicate series", StringComparison.Ordinal)) return text[..text.IndexOf(": [{", StringComparison.Ordinal)];
        bool ofParameter = ParameterErrors.Any(e => text.Contains(e, StringComparison.Ordinal));
        return (int)recorded["status"]! == 400 && ofParameter ? "a parameter is wrong" : text;
    }

    /// <summary>Remarks of the language come without their position, as from Thanos.</summary>
    [GeneratedRegex(@" \(\d+:\d+\)$")]
    private static partial Regex PositionPattern();

    private static bool IsUnordered(JsonNode recorded)
    {
        if (recorded["order_varies"] is not null) return true;
        if (!((string)recorded["path"]!).EndsWith("/query", StringComparison.Ordinal)) return false;
        string query = Parameters(recorded).FirstOrDefault(p => p.Key == "query").Value ?? "";
        return !(query.StartsWith("sort", StringComparison.Ordinal) || query.StartsWith("topk", StringComparison.Ordinal) || query.StartsWith("bottomk", StringComparison.Ordinal));
    }

    private static IEnumerable<KeyValuePair<string, string>> Parameters(JsonNode recorded) =>
        recorded["params"]!.AsArray().Select(p => new KeyValuePair<string, string>((string)p![0]!, (string)p[1]!));
}
