using System.Globalization;
using System.Text.Json.Serialization;

namespace Aion.ObjectStorage.Swift;

/// <summary>One entry of a container's listing: an object, or what several of them have in common up to the delimiter.</summary>
internal sealed record SwiftListed
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("subdir")]
    public string? Subdirectory { get; init; }

    [JsonPropertyName("bytes")]
    public long Bytes { get; init; }

    [JsonPropertyName("hash")]
    public string? Hash { get; init; }

    /// <summary>In UTC, without saying so.</summary>
    [JsonPropertyName("last_modified")]
    public string? LastModified { get; init; }

    public ObjectAttributes Attributes => new(
        Bytes,
        DateTimeOffset.TryParse(LastModified, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? SwiftObject.Seconds(time)
            : DateTimeOffset.UnixEpoch);
}

/// <summary>A segment, as a manifest that is uploaded names it.</summary>
/// <param name="Path">Container and name.</param>
internal sealed record SwiftSegment(
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("etag")] string ETag,
    [property: JsonPropertyName("size_bytes")] long SizeBytes);

/// <summary>A segment, as a stored manifest names it.</summary>
/// <param name="Name">Container and name, with a slash before them.</param>
internal sealed record SwiftStoredSegment([property: JsonPropertyName("name")] string? Name);

/// <summary>What a delete of many says; a status of 200 only says that it was tried.</summary>
internal sealed record SwiftBulkAnswer(
    [property: JsonPropertyName("Response Status")] string? Status,
    [property: JsonPropertyName("Response Body")] string? Body,
    [property: JsonPropertyName("Errors")] IReadOnlyList<IReadOnlyList<string>>? Errors);

[JsonSerializable(typeof(IReadOnlyList<SwiftListed>))]
[JsonSerializable(typeof(IReadOnlyList<SwiftSegment>))]
[JsonSerializable(typeof(IReadOnlyList<SwiftStoredSegment>))]
[JsonSerializable(typeof(SwiftBulkAnswer))]
[JsonSerializable(typeof(KeystoneV2Answer))]
[JsonSerializable(typeof(KeystoneV3Answer))]
internal sealed partial class SwiftJson : JsonSerializerContext;
