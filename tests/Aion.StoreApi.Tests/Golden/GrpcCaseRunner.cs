using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aion.Protocol.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace Aion.StoreApi.Tests;

/// <summary>
/// Sends recorded Store and Info calls to a running server and compares code, message and frames. Link this file, with GrpcCase and
/// ProtoJson, into the test project of a component that serves the Store API.
/// </summary>
internal static partial class GrpcCaseRunner
{
    private static readonly Marshaller<byte[]> Raw = new(bytes => bytes, bytes => bytes);

    private static readonly Dictionary<(string Service, string Method), MessageParser> Answers = new()
    {
        [("thanos.Store", "Series")] = SeriesResponse.Parser,
        [("thanos.Store", "LabelNames")] = LabelNamesResponse.Parser,
        [("thanos.Store", "LabelValues")] = LabelValuesResponse.Parser,
        [("thanos.Query", "Query")] = Aion.Protocol.Wire.QueryApi.QueryResponse.Parser,
        [("thanos.Query", "QueryRange")] = Aion.Protocol.Wire.QueryApi.QueryRangeResponse.Parser,
        [("thanos.info.Info", "Info")] = Aion.Protocol.Wire.InfoApi.InfoResponse.Parser,
    };

    /// <summary>The recorded calls of one component that this runner can compare.</summary>
    public static IReadOnlyList<GrpcCase> Load(string component) =>
        GrpcCase.Load(c => c.Component == component && Answers.ContainsKey((c.Service, c.Method)));

    /// <summary>Runs the cases in order; fails for a difference that is not on the list, and for a case on the list that passes.</summary>
    /// <param name="invoker">The server under test.</param>
    /// <param name="cases">What to send.</param>
    /// <param name="known">Ids of cases that do not pass yet.</param>
    /// <param name="faults">Where the recording shows a fault of the peer: the right status instead (reference/peer-faults.md).</param>
    /// <param name="map">Turns our texts into the recorded ones, for example addresses.</param>
    /// <param name="alike">Whether our frame (first) is the recorded one; null: when they are equal.</param>
    public static async Task AssertAsync(
        CallInvoker invoker, IReadOnlyList<GrpcCase> cases, IReadOnlyCollection<string> known, IReadOnlyDictionary<string, StatusCode> faults,
        Func<string, string>? map = null, Func<JsonNode, JsonNode, bool>? alike = null)
    {
        Xunit.Assert.NotEmpty(cases);
        var wrong = new List<string>();
        foreach (GrpcCase recorded in cases)
        {
            string? difference = await CompareAsync(invoker, recorded, faults, map ?? (text => text), alike ?? JsonNode.DeepEquals);
            if (known.Contains(recorded.Id) && difference is null) wrong.Add($"{recorded.Id} passes now: take it off the list");
            if (!known.Contains(recorded.Id) && difference is not null) wrong.Add($"{recorded.Id}: {difference}");
        }

        Xunit.Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static async Task<string?> CompareAsync(
        CallInvoker invoker, GrpcCase recorded, IReadOnlyDictionary<string, StatusCode> faults, Func<string, string> map, Func<JsonNode, JsonNode, bool> alike)
    {
        var method = new Method<byte[], byte[]>(MethodType.ServerStreaming, recorded.Service, recorded.Method, Raw, Raw);
        var headers = new Metadata();
        foreach ((string key, string value) in recorded.Metadata) headers.Add(key, value);
        var frames = new List<byte[]>();
        Status status = Status.DefaultSuccess;
        try
        {
            using AsyncServerStreamingCall<byte[]> call = invoker.AsyncServerStreamingCall(method, null, new CallOptions(headers), recorded.RequestBytes);
            while (frames.Count < (recorded.CancelledAfterFrames ?? int.MaxValue) && await call.ResponseStream.MoveNext(CancellationToken.None))
                frames.Add(call.ResponseStream.Current);
        }
        catch (RpcException e)
        {
            status = e.Status;
        }

        if (faults.TryGetValue(recorded.Id, out StatusCode right)) return status.StatusCode == right ? null : $"code {status.StatusCode}, right is {right}";
        if (recorded.CancelledAfterFrames is null && (int)status.StatusCode != recorded.Code)
            return $"code {status.StatusCode} ({status.Detail}), recorded {(StatusCode)recorded.Code} ({recorded.Message})";
        if (recorded.CancelledAfterFrames is null && Mask(map(status.Detail), recorded) != Mask(recorded.Message, recorded))
            return $"message \"{status.Detail}\", recorded \"{recorded.Message}\"";
        return CompareFrames(recorded, frames, map, alike);
    }

    private static string? CompareFrames(GrpcCase recorded, List<byte[]> frames, Func<string, string> map, Func<JsonNode, JsonNode, bool> alike)
    {
        MessageParser parser = Answers[(recorded.Service, recorded.Method)];
        if (frames.Count != recorded.Frames.Count) return $"{frames.Count} frames, recorded {recorded.Frames.Count}";
        for (var i = 0; i < frames.Count; i++)
        {
            JsonNode ours = JsonNode.Parse(map(ProtoJson.Of(parser.ParseFrom(frames[i])).ToJsonString(ProtoJson.Plain)))!;
            JsonNode theirs = JsonNode.Parse(recorded.Frames[i].Decoded.GetRawText())!;
            foreach (string pointer in recorded.Volatile)
            {
                Blank(ours, pointer, i);
                Blank(theirs, pointer, i);
            }

            if (!alike(ours, theirs)) return $"frame {i}: {Short(ours)}\n    recorded {Short(theirs)}";
        }

        return null;
    }

    /// <summary>Which block or which limit is hit first differs from run to run.</summary>
    private static string Mask(string message, GrpcCase recorded) =>
        recorded.Volatile.Contains("/message") ? Numbers().Replace(Ulids().Replace(message, "ULID"), "N") : message;

    private static void Blank(JsonNode frame, string pointer, int index)
    {
        string[] parts = pointer.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 4 || parts[0] != "frames" || parts[1] != $"{index}" || parts[2] != "decoded") return;
        JsonNode? node = frame;
        foreach (string part in parts[3..^1]) node = node is JsonArray list ? list[int.Parse(part, CultureInfo.InvariantCulture)] : node?[part];
        if (node is JsonObject parent) parent[parts[^1]] = null;
    }

    private static string Short(JsonNode node)
    {
        string text = node.ToJsonString();
        return text.Length > 600 ? text[..600] + "…" : text;
    }

    [GeneratedRegex("[0-9A-HJKMNP-TV-Z]{26}")]
    private static partial Regex Ulids();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();
}
