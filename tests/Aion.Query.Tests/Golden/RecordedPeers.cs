using System.Text.Json.Nodes;
using Aion.Model;
using Aion.Protocol;
using Aion.Protocol.Wire;
using Aion.Protocol.Wire.ExemplarsApi;
using Aion.Protocol.Wire.MetadataApi;
using Aion.Protocol.Wire.RulesApi;
using Aion.Protocol.Wire.StatusApi;
using Aion.Protocol.Wire.TargetsApi;
using Aion.StoreApi;
using Aion.Testing;
using Google.Protobuf;
using Grpc.Core;

namespace Aion.Query.Tests;

/// <summary>The sidecars and the ruler of the recording, answering what they were recorded to answer over gRPC.</summary>
internal static class RecordedPeers
{
    /// <summary>The endpoints that served an API beside the store.</summary>
    public static IReadOnlyList<ApiPeer> With(ServedApis api)
    {
        List<ApiPeer> peers = [Sidecar("127.0.0.1:21012", "a"), Sidecar("127.0.0.1:21014", "b")];
        if (api is ServedApis.Rules or ServedApis.Status)
            peers.Add(new ApiPeer("127.0.0.1:21018", new Replay("rule", ""), IsQuerier: false, [Labels.Of("cluster", "one", "rule_replica", "r0")]));
        return peers;
    }

    private static ApiPeer Sidecar(string address, string replica) =>
        new(address, new Replay("sidecar-a", replica), IsQuerier: false, [Labels.Of("cluster", "one", "replica", replica)]);

    private sealed class Replay(string component, string replica) : CallInvoker
    {
        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        {
            IEnumerable<IMessage> responses = request switch
            {
                RulesRequest r => Frames($"rules/{component}/{r.Type.ToString().ToLowerInvariant()}", RulesResponse.Parser).Select(Named),
                TargetsRequest r => Frames($"targets/{component}/{r.State.ToString().ToLowerInvariant()}", TargetsResponse.Parser).Select(Public),
                MetricMetadataRequest r => Frames($"metadata/{component}/{(r.Limit == 0 ? "zero" : "all")}", MetricMetadataResponse.Parser).Select(m => Only(m, r.Metric)),
                ExemplarsRequest r when r.End < r.Start => throw new RpcException(new Grpc.Core.Status(
                    StatusCode.InvalidArgument, "expected 2xx response, got 400. Body: {\"status\":\"error\",\"error\":\"end timestamp must not be before start timestamp\"}")),
                ExemplarsRequest r => Frames("exemplars/sidecar-a/basic", ExemplarsResponse.Parser).Concat(Latencies()).Where(e => IsAsked(e, r)),
                TSDBStatisticsRequest => Frames($"status/{component}/all", TSDBStatisticsResponse.Parser),
                _ => throw new NotSupportedException(method.FullName),
            };
            IAsyncStreamReader<TResponse> reader = new Reader<TResponse>([.. responses.Cast<TResponse>()]);
            return new AsyncServerStreamingCall<TResponse>(
                reader, Task.FromResult(new Grpc.Core.Metadata()), () => Grpc.Core.Status.DefaultSuccess, () => [], () => { });
        }

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        private IEnumerable<T> Frames<T>(string id, MessageParser<T> parser)
            where T : IMessage<T>
        {
            JsonNode recorded = File.ReadLines(SharedFolder.Require("golden", "wire", "grpc-store.jsonl")).Select(l => JsonNode.Parse(l)!).First(n => (string)n["id"]! == id);
            foreach (JsonNode? frame in recorded["frames"]!.AsArray())
            {
                // Where the order of a map makes the bytes change, only the decoded form is recorded.
                T message = (string?)frame!["bytes"] is { } bytes ? parser.ParseFrom(Convert.FromBase64String(bytes)) : parser.ParseJson(frame["decoded"]!.ToJsonString());
                yield return replica == "b" ? parser.ParseFrom(ByteString.CopyFrom(OfReplicaB(message.ToByteArray()))) : message;
            }
        }

        // The label replica="a" becomes replica="b": the same length, so that the message stays whole.
        private static byte[] OfReplicaB(byte[] message)
        {
            ReadOnlySpan<byte> label = "\n\areplica\u0012\u0001a"u8;
            for (int at = message.AsSpan().IndexOf(label); at >= 0; at = message.AsSpan().IndexOf(label)) message[at + label.Length - 1] = (byte)'b';
            return message;
        }

        // The recordings over HTTP show another name for the folder, and for the host, than those over gRPC.
        private static RulesResponse Named(RulesResponse response)
        {
            if (response.Group is { } group) group.File = "DIR/rules.yml";
            return response;
        }

        private static TargetsResponse Public(TargetsResponse response)
        {
            foreach (ActiveTarget target in response.Targets.ActiveTargets) target.GlobalUrl = target.GlobalUrl.Replace("//h1:", "//localhost:", StringComparison.Ordinal);
            return response;
        }

        private static MetricMetadataResponse Only(MetricMetadataResponse response, string metric)
        {
            foreach (string other in response.Metadata.Metadata.Keys.Where(k => metric.Length > 0 && k != metric).ToArray()) response.Metadata.Metadata.Remove(other);
            return response;
        }

        // Recorded over HTTP only.
        private IEnumerable<ExemplarsResponse> Latencies()
        {
            foreach ((string le, string trace, long ts, double value) in ((string, string, long, double)[])
                [("0.1", "00000000000000a1", 1767222000100, 0.05), ("1.0", "00000000000000a2", 1767222001000, 0.7)])
            {
                var data = new ExemplarData { SeriesLabels = new ZLabelSet(), Exemplars = { new Exemplar { Ts = ts, Value = value, Labels = new ZLabelSet() } } };
                foreach ((string name, string text) in ((string, string)[])
                    [("__name__", "wire_latency_seconds_bucket"), ("cluster", "one"), ("instance", "127.0.0.1:21003"), ("job", "demo"), ("le", le), ("replica", replica), ("zone", "z9")])
                    data.SeriesLabels.Labels.Add(new Label { Name = name, Value = text });
                data.Exemplars[0].Labels.Labels.Add(new Label { Name = "trace_id", Value = trace });
                yield return new ExemplarsResponse { Data = data };
            }
        }

        private static bool IsAsked(ExemplarsResponse response, ExemplarsRequest request)
        {
            Dictionary<string, string> labels = response.Data.SeriesLabels.Labels.ToDictionary(l => l.Name, l => l.Value);
            return request.Query.Contains($"\"{labels["__name__"]}\"", StringComparison.Ordinal)
                && response.Data.Exemplars.All(e => e.Ts >= request.Start && e.Ts <= request.End);
        }
    }

    private sealed class Reader<T>(IReadOnlyList<T> items) : IAsyncStreamReader<T>
    {
        private int _next = -1;

        public T Current => items[_next];

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(++_next < items.Count);
    }
}
