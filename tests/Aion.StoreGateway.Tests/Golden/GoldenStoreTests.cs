using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aion.Protocol.Wire;
using Aion.StoreApi.Tests;
using Aion.Testing;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Aion.StoreGateway.Tests;

/// <summary>The recorded Store and Info calls against <c>thanos store</c>, asked of ours over the same bucket.</summary>
public sealed partial class GoldenStoreTests
{
    private static readonly Marshaller<byte[]> Raw = new(bytes => bytes, bytes => bytes);

    private static readonly Dictionary<string, (string Bucket, StoreGatewayOptions Options)> Components = new()
    {
        ["store"] = ("bucket", new StoreGatewayOptions()),
        ["store-ds"] = ("bucket-downsampled", new StoreGatewayOptions()),
        ["store-limits"] = ("bucket", new StoreGatewayOptions { MaxSeries = 10, MaxChunks = 20, MaxBytes = 40 * 1024 }),
        ["store-limits2"] = ("bucket", new StoreGatewayOptions { MaxSeries = 10, MaxChunks = 20 }),
    };

    /// <summary>Where the recording shows a fault of the peer: the right status instead (reference/peer-faults.md).</summary>
    private static readonly Dictionary<string, StatusCode> Faults = new()
    {
        ["series/store/batch-negative"] = StatusCode.InvalidArgument, // C12
    };

    private static readonly Dictionary<(string Service, string Method), MessageParser> Answers = new()
    {
        [("thanos.Store", "Series")] = SeriesResponse.Parser,
        [("thanos.Store", "LabelNames")] = LabelNamesResponse.Parser,
        [("thanos.Store", "LabelValues")] = LabelValuesResponse.Parser,
        [("thanos.info.Info", "Info")] = Aion.Protocol.Wire.InfoApi.InfoResponse.Parser,
    };

    [Theory]
    [InlineData("store")]
    [InlineData("store-ds")]
    [InlineData("store-limits")]
    [InlineData("store-limits2")]
    public async Task Recorded_calls_are_answered_alike(string component)
    {
        IReadOnlyList<GrpcCase> cases = GrpcCase.Load(c => c.Component == component && Answers.ContainsKey((c.Service, c.Method)));
        using var temp = new TempDirectory();
        (string bucket, StoreGatewayOptions options) = Components[component];
        await using RunningStore store = await RunningStore.StartAsync(
            SharedFolder.Require("golden", "wire", "data", bucket), options with { DataDirectory = temp.Combine("data") });
        using var channel = GrpcChannel.ForAddress($"http://{store.Address}", new GrpcChannelOptions { MaxReceiveMessageSize = null });
        var known = SharedFolder.ListBeside("known-failing-store.txt").ToHashSet();
        var wrong = new List<string>();

        foreach (GrpcCase recorded in cases)
        {
            string? difference = await CompareAsync(channel.CreateCallInvoker(), recorded);
            if (known.Contains(recorded.Id) && difference is null) wrong.Add($"{recorded.Id} passes now: take it off the list");
            if (!known.Contains(recorded.Id) && difference is not null) wrong.Add($"{recorded.Id}: {difference}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static async Task<string?> CompareAsync(CallInvoker invoker, GrpcCase recorded)
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

        if (Faults.TryGetValue(recorded.Id, out StatusCode right)) return status.StatusCode == right ? null : $"code {status.StatusCode}, right is {right}";
        if (recorded.CancelledAfterFrames is null && (int)status.StatusCode != recorded.Code)
            return $"code {status.StatusCode} ({status.Detail}), recorded {(StatusCode)recorded.Code} ({recorded.Message})";
        if (recorded.CancelledAfterFrames is null && Mask(status.Detail, recorded) != Mask(recorded.Message, recorded))
            return $"message \"{status.Detail}\", recorded \"{recorded.Message}\"";
        return CompareFrames(recorded, frames);
    }

    private static string? CompareFrames(GrpcCase recorded, List<byte[]> frames)
    {
        MessageParser parser = Answers[(recorded.Service, recorded.Method)];
        if (frames.Count != recorded.Frames.Count) return $"{frames.Count} frames, recorded {recorded.Frames.Count}";
        for (var i = 0; i < frames.Count; i++)
        {
            JsonNode ours = ProtoJson.Of(parser.ParseFrom(frames[i]));
            JsonNode theirs = JsonNode.Parse(recorded.Frames[i].Decoded.GetRawText())!;
            foreach (string pointer in recorded.Volatile)
            {
                Blank(ours, pointer, i);
                Blank(theirs, pointer, i);
            }

            if (!JsonNode.DeepEquals(ours, theirs)) return $"frame {i}: {Short(ours)}\n    recorded {Short(theirs)}";
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
        foreach (string part in parts[3..^1]) node = node is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : node?[part];
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
