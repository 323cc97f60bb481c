using System.Text.Json;
using Aion.Testing;

namespace Aion.StoreApi.Tests;

/// <summary>One recorded gRPC call of <c>golden/wire/grpc-store.jsonl</c>.</summary>
public sealed record GrpcCase(JsonElement Json)
{
    public string Id => Json.GetProperty("id").GetString()!;

    public string Component => Json.GetProperty("component").GetString()!;

    public string Service => Json.GetProperty("service").GetString()!;

    public string Method => Json.GetProperty("method").GetString()!;

    public byte[] RequestBytes => Json.GetProperty("request_bytes").GetBytesFromBase64();

    public int Code => Json.GetProperty("code_num").GetInt32();

    public string Message => Json.GetProperty("message").GetString()!;

    public IReadOnlyList<GrpcFrame> Frames => [.. Json.GetProperty("frames").EnumerateArray().Select(f => new GrpcFrame(f))];

    public IReadOnlyList<string> Volatile => Strings("volatile");

    public IReadOnlyList<string> Unordered => Strings("unordered");

    public bool FramesUnordered => Json.TryGetProperty("frames_unordered", out JsonElement unordered) && unordered.GetBoolean();

    public int? CancelledAfterFrames =>
        Json.TryGetProperty("client_cancelled_after_frames", out JsonElement count) ? count.GetInt32() : null;

    public IReadOnlyDictionary<string, string> Metadata => Json.TryGetProperty("request_metadata", out JsonElement metadata)
        ? metadata.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!)
        : new Dictionary<string, string>();

    /// <summary>The cases of the recording; skips the test where the recording is not on this machine.</summary>
    public static IReadOnlyList<GrpcCase> Load(Func<GrpcCase, bool> filter) =>
        [.. File.ReadLines(SharedFolder.Require("golden", "wire", "grpc-store.jsonl"))
            .Select(line => new GrpcCase(JsonSerializer.Deserialize<JsonElement>(line)))
            .Where(filter)];

    public override string ToString() => Id;

    private string[] Strings(string name) => Json.TryGetProperty(name, out JsonElement list)
        ? [.. list.EnumerateArray().Select(e => e.GetString()!)]
        : [];
}

/// <summary>One answer message; the bytes are null where they differ from run to run.</summary>
public sealed record GrpcFrame(JsonElement Json)
{
    public byte[]? Bytes => Json.GetProperty("bytes").ValueKind == JsonValueKind.Null ? null : Json.GetProperty("bytes").GetBytesFromBase64();

    public JsonElement Decoded => Json.GetProperty("decoded");
}
