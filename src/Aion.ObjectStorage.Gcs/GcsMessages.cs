using System.Text.Json.Serialization;

namespace Aion.ObjectStorage.Gcs;

/// <summary>What the JSON API says of an object. 64-bit numbers travel as text.</summary>
internal sealed record GcsObject
{
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    [JsonPropertyName("size")]
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public long Size { get; init; }

    [JsonPropertyName("updated")]
    public DateTimeOffset Updated { get; init; }

    public ObjectAttributes Attributes => new(Size, Updated);
}

/// <summary>One page of a listing.</summary>
internal sealed record GcsObjects
{
    [JsonPropertyName("items")]
    public IReadOnlyList<GcsObject>? Items { get; init; }

    [JsonPropertyName("prefixes")]
    public IReadOnlyList<string>? Prefixes { get; init; }

    [JsonPropertyName("nextPageToken")]
    public string? NextPageToken { get; init; }
}

/// <summary>What an upload says of the object to be.</summary>
internal sealed record GcsUpload
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("contentType")]
    public string ContentType { get; init; } = "application/octet-stream";

    /// <summary>Base64; the server refuses content that differs.</summary>
    [JsonPropertyName("md5Hash")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Md5Hash { get; init; }
}

[JsonSerializable(typeof(GcsObject))]
[JsonSerializable(typeof(GcsObjects))]
[JsonSerializable(typeof(GcsUpload))]
internal sealed partial class GcsJson : JsonSerializerContext;
