using System.Text.Json;
using System.Text.Json.Serialization;
using Aion.ObjectStorage;

namespace Aion.StoreGateway;

/// <summary>Cached values and what they mean. Reading gives null for what can't be right, which then counts as not found.</summary>
internal static class BucketCacheValues
{
    private static ReadOnlySpan<byte> True => "true"u8;

    private static ReadOnlySpan<byte> False => "false"u8;

    public static byte[] OfExists(bool exists) => exists ? True.ToArray() : False.ToArray();

    public static bool? ToExists(ReadOnlySpan<byte> value) => value.SequenceEqual(True) ? true : value.SequenceEqual(False) ? false : null;

    public static byte[] OfAttributes(ObjectAttributes attributes) => JsonSerializer.SerializeToUtf8Bytes(
        new CachedAttributes(attributes.SizeBytes, attributes.LastModified.UtcDateTime), CachedJson.Default.CachedAttributes);

    public static ObjectAttributes? ToAttributes(ReadOnlySpan<byte> value)
    {
        try
        {
            return JsonSerializer.Deserialize(value, CachedJson.Default.CachedAttributes) is { Size: >= 0 } read
                ? new ObjectAttributes(read.Size, new DateTimeOffset(read.LastModified.ToUniversalTime(), TimeSpan.Zero))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The names of a listing of directories.</summary>
    public static byte[] OfNames(IEnumerable<BucketEntry> entries) =>
        JsonSerializer.SerializeToUtf8Bytes(entries.Select(e => e.Key).ToArray(), CachedJson.Default.StringArray);

    /// <returns>Null also when there are objects among them, of which the names alone are not enough.</returns>
    public static BucketEntry[]? ToDirectories(ReadOnlySpan<byte> value)
    {
        try
        {
            string?[]? names = JsonSerializer.Deserialize(value, CachedJson.Default.StringArray);
            return names is not null && names.All(n => n is { Length: > 1 } && n[^1] == '/') ? [.. names.Select(n => new BucketEntry(n!, null))] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static byte[] OfEntries(IEnumerable<BucketEntry> entries) => JsonSerializer.SerializeToUtf8Bytes(
        entries.Select(e => new CachedEntry(
            e.Key, e.Attributes is { } a ? new CachedAttributes(a.SizeBytes, a.LastModified.UtcDateTime) : null)).ToArray(),
        CachedJson.Default.CachedEntryArray);

    public static BucketEntry[]? ToEntries(ReadOnlySpan<byte> value)
    {
        try
        {
            CachedEntry?[]? entries = JsonSerializer.Deserialize(value, CachedJson.Default.CachedEntryArray);
            if (entries is null || entries.Any(e => e?.Name is not { Length: > 0 })) return null;
            return [.. entries.Select(e => new BucketEntry(
                e!.Name, e.Attributes is { } a ? new ObjectAttributes(a.Size, new DateTimeOffset(a.LastModified.ToUniversalTime(), TimeSpan.Zero)) : null))];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a value is one JSON document, as all small files of a block are.</summary>
    public static bool IsJson(ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>In Thanos's form.</summary>
internal sealed record CachedAttributes(
    [property: JsonPropertyName("size")] long Size, [property: JsonPropertyName("last_modified")] DateTime LastModified);

/// <summary>An entry of a listing, in a form of our own.</summary>
internal sealed record CachedEntry([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("attrs")] CachedAttributes? Attributes);

[JsonSerializable(typeof(CachedAttributes))]
[JsonSerializable(typeof(CachedEntry[]))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class CachedJson : JsonSerializerContext;
