using System.Text.Json.Nodes;
using Aion.Protocol;
using Aion.Protocol.Wire;
using Google.Protobuf;

namespace Aion.StoreApi.Tests;

/// <summary>Every recorded message of the Store API and of Info decodes and encodes to the same bytes and to the recorded content.</summary>
public sealed class GoldenCodecTests
{
    private static readonly Dictionary<(string Service, string Method), MessageParser> Requests = new()
    {
        [("thanos.Store", "Series")] = SeriesRequest.Parser,
        [("thanos.Store", "LabelNames")] = LabelNamesRequest.Parser,
        [("thanos.Store", "LabelValues")] = LabelValuesRequest.Parser,
        [("thanos.info.Info", "Info")] = Aion.Protocol.Wire.InfoApi.InfoRequest.Parser,
    };

    private static readonly Dictionary<(string Service, string Method), MessageParser> Responses = new()
    {
        [("thanos.Store", "Series")] = SeriesResponse.Parser,
        [("thanos.Store", "LabelNames")] = LabelNamesResponse.Parser,
        [("thanos.Store", "LabelValues")] = LabelValuesResponse.Parser,
        [("thanos.info.Info", "Info")] = Aion.Protocol.Wire.InfoApi.InfoResponse.Parser,
    };

    [Fact]
    public void Requests_keep_their_bytes_and_content()
    {
        var cases = GrpcCase.Load(c => Requests.ContainsKey((c.Service, c.Method)) && c.Json.TryGetProperty("request", out var r)
            && r.ValueKind == System.Text.Json.JsonValueKind.Object);
        Assert.NotEmpty(cases);

        foreach (GrpcCase recorded in cases)
        {
            IMessage message = Requests[(recorded.Service, recorded.Method)].ParseFrom(recorded.RequestBytes);

            Assert.Equal(recorded.RequestBytes, message.ToByteArray());
            Same(recorded, "request", JsonNode.Parse(recorded.Json.GetProperty("request").GetRawText()), ProtoJson.Of(message));
        }
    }

    [Fact]
    public void Select_requests_survive_the_model()
    {
        var cases = GrpcCase.Load(c => c is { Service: "thanos.Store", Method: "Series", Code: 0 } && c.Component.StartsWith("store", StringComparison.Ordinal));
        Assert.NotEmpty(cases);

        foreach (GrpcCase recorded in cases)
        {
            SeriesRequest wire = SeriesRequest.Parser.ParseFrom(recorded.RequestBytes);
            if (wire.ResponseBatchSize < 0) continue;
            Storage.SelectRequest model = SelectRequestMapping.ToSelect(wire, readHints: true);
            Storage.SelectRequest again = SelectRequestMapping.ToSelect(SelectRequestMapping.ToWire(model), readHints: true);

            Assert.Equivalent(model, again, strict: true);
        }
    }

    [Fact]
    public void Frames_keep_their_bytes_and_content()
    {
        var cases = GrpcCase.Load(c => Responses.ContainsKey((c.Service, c.Method)));
        var frames = 0;

        foreach (GrpcCase recorded in cases)
        {
            foreach (GrpcFrame frame in recorded.Frames)
            {
                if (frame.Bytes is not { } bytes) continue;
                frames++;
                if (recorded.Method == "Series") bytes = SeriesMessageCodec.Encode(SeriesMessageCodec.Decode(bytes));
                IMessage message = Responses[(recorded.Service, recorded.Method)].ParseFrom(bytes);

                Assert.Equal(frame.Bytes, message.ToByteArray());
                Same(recorded, "frame", JsonNode.Parse(frame.Decoded.GetRawText()), ProtoJson.Of(message));
            }
        }

        Assert.True(frames > 500, $"only {frames} frames");
    }

    private static void Same(GrpcCase recorded, string what, JsonNode? expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"{recorded.Id}: {what}\nexpected {expected?.ToJsonString()}\nactual   {actual.ToJsonString()}");
}
