using System.Text.Json;
using Aion.Storage;

namespace Aion.Query;

/// <summary>Reads the JSON parameter <c>shard_info</c>, by which a query-frontend splits a query over label hashes.</summary>
internal static class ShardParameter
{
    /// <returns>Null when the parameter is absent or names no shards.</returns>
    /// <exception cref="BadParameterException">Not JSON of the expected shape.</exception>
    public static ShardInfo? Parse(string json)
    {
        if (json.Length == 0) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Null) return null;
            if (root.ValueKind != JsonValueKind.Object) throw Bad($"an object is wanted, got {root.ValueKind}");
            long index = Integer(root, "shard_index"), total = Integer(root, "total_shards");
            return total < 1 ? null : new ShardInfo(index, total, Flag(root, "by"), Labels(root));
        }
        catch (JsonException e)
        {
            throw Bad(InGoWords(json, e));
        }
    }

    private static BadParameterException Bad(string why) => new($"could not unmarshal parameter shard_info: {why}");

    private static long Integer(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement value)) return 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : throw Bad($"{name} must be an integer");
    }

    private static bool Flag(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement value)) return false;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Bad($"{name} must be true or false");
    }

    private static List<string> Labels(JsonElement root)
    {
        var labels = new List<string>();
        if (!root.TryGetProperty("labels", out JsonElement list) || list.ValueKind == JsonValueKind.Null) return labels;
        if (list.ValueKind != JsonValueKind.Array) throw Bad("labels must be a list of strings");
        foreach (JsonElement label in list.EnumerateArray())
            labels.Add(label.ValueKind == JsonValueKind.String ? label.GetString()! : throw Bad("labels must be a list of strings"));
        return labels;
    }

    /// <summary>The frequent faults as the field's other programs word them.</summary>
    private static string InGoWords(string json, JsonException fault)
    {
        var at = (int)(fault.BytePositionInLine ?? 0);
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(json);
        if (fault.LineNumber is > 0 || at >= utf8.Length) return "unexpected end of JSON input";
        string place = json.AsSpan(0, Math.Min(at, json.Length)).TrimEnd() is [.., '{'] ? "object key string" : "value";
        return $"invalid character '{(char)utf8[at]}' looking for beginning of {place}";
    }
}
