using System.Text.Json.Nodes;
using Aion.Protocol.Wire;
using Aion.StoreApi.Tests;
using Aion.Testing;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Aion.Sidecar.Tests;

/// <summary>The recorded Store calls against <c>thanos sidecar</c>, asked of ours beside a real Prometheus over the same blocks.</summary>
public sealed class GoldenSidecarTests
{
    private static readonly Marshaller<byte[]> Raw = new(bytes => bytes, bytes => bytes);

    private static readonly Dictionary<string, MessageParser> Answers = new()
    {
        ["Series"] = SeriesResponse.Parser,
        ["LabelNames"] = LabelNamesResponse.Parser,
        ["LabelValues"] = LabelValuesResponse.Parser,
    };

    [Fact]
    public async Task Recorded_calls_are_answered_alike()
    {
        IReadOnlyList<GrpcCase> cases = GrpcCase.Load(c => c.Component == "sidecar-a" && c.Service == "thanos.Store" && Answers.ContainsKey(c.Method));
        await using RealPrometheus prometheus = await RealPrometheus.StartAsync(SharedFolder.Require("golden", "wire", "data", "a"), scrapes: false);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(prometheus.Address);
        using var channel = GrpcChannel.ForAddress(sidecar.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        var deviations = SharedFolder.ListBeside("deviations-sidecar.txt").ToHashSet();
        var wrong = new List<string>();

        foreach (GrpcCase recorded in cases)
        {
            string? difference = await CompareAsync(channel.CreateCallInvoker(), recorded);
            if (deviations.Contains(recorded.Id) && difference is null) wrong.Add($"{recorded.Id} is answered alike now: take it off the list");
            if (!deviations.Contains(recorded.Id) && difference is not null) wrong.Add($"{recorded.Id}: {difference}");
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
            while (await call.ResponseStream.MoveNext(CancellationToken.None)) frames.Add(call.ResponseStream.Current);
        }
        catch (RpcException e)
        {
            status = e.Status;
        }

        if ((int)status.StatusCode != recorded.Code) return $"code {status.StatusCode} ({status.Detail}), recorded {(StatusCode)recorded.Code} ({recorded.Message})";
        if (status.Detail != recorded.Message) return $"message \"{status.Detail}\", recorded \"{recorded.Message}\"";
        if (frames.Count != recorded.Frames.Count) return $"{frames.Count} frames, recorded {recorded.Frames.Count}";
        for (var i = 0; i < frames.Count; i++)
        {
            JsonNode ours = ProtoJson.Of(Answers[recorded.Method].ParseFrom(frames[i]));
            JsonNode theirs = JsonNode.Parse(recorded.Frames[i].Decoded.GetRawText())!;
            if (!JsonNode.DeepEquals(ours, theirs)) return $"frame {i}: {Short(ours)}\n    recorded {Short(theirs)}";
        }

        return null;
    }

    private static string Short(JsonNode node)
    {
        string text = node.ToJsonString();
        return text.Length > 500 ? text[..500] + "…" : text;
    }
}
