using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aion.Query.Tests;

/// <summary>Finds the first place where two JSON values differ. Numbers are compared as written.</summary>
internal static class JsonDifference
{
    /// <param name="unordered">The list at <c>/data/result</c> may come in any order.</param>
    /// <param name="tolerance">How far sample values may be apart, relative to their size.</param>
    /// <returns>Null when they are equal.</returns>
    public static string? Of(JsonNode? expected, JsonNode? actual, string path, bool unordered = false, double tolerance = 0)
    {
        if (expected is null || actual is null) return expected is null && actual is null ? null : Differ(expected, actual, path);
        return (expected, actual) switch
        {
            (JsonObject e, JsonObject a) => OfObjects(e, a, path, unordered, tolerance),
            (JsonArray e, JsonArray a) => OfLists(e, a, path, unordered && path == "/data/result", tolerance),
            _ => expected.ToJsonString() == actual.ToJsonString() || AreNear(expected, actual, tolerance) ? null : Differ(expected, actual, path),
        };
    }

    private static string? OfObjects(JsonObject expected, JsonObject actual, string path, bool unordered, double tolerance)
    {
        foreach (var (key, value) in expected)
        {
            if (!actual.TryGetPropertyValue(key, out JsonNode? found)) return $"{path}/{key} is missing";
            if (Of(value, found, path + "/" + key, unordered, tolerance) is { } difference) return difference;
        }

        foreach (var (key, value) in actual)
            if (!expected.ContainsKey(key)) return $"{path}/{key} is too much: {Short(value)}";
        return null;
    }

    private static string? OfLists(JsonArray expected, JsonArray actual, string path, bool unordered, double tolerance)
    {
        if (expected.Count != actual.Count) return $"{path} has {actual.Count} entries, wanted {expected.Count}: {Short(actual)} wanted {Short(expected)}";
        List<JsonNode?> e = [.. expected], a = [.. actual];
        if (unordered)
        {
            e = [.. e.OrderBy(Key, StringComparer.Ordinal)];
            a = [.. a.OrderBy(Key, StringComparer.Ordinal)];
        }

        for (var i = 0; i < e.Count; i++)
            if (Of(e[i], a[i], $"{path}/{i}", false, tolerance) is { } difference) return difference;
        return null;
    }

    private static bool AreNear(JsonNode expected, JsonNode actual, double tolerance) => tolerance > 0
        && expected is JsonValue e && actual is JsonValue a && e.TryGetValue(out string? wanted) && a.TryGetValue(out string? got)
        && double.TryParse(wanted, CultureInfo.InvariantCulture, out double x) && double.TryParse(got, CultureInfo.InvariantCulture, out double y)
        && Math.Abs(x - y) <= tolerance * Math.Max(Math.Abs(x), Math.Abs(y));

    private static string Key(JsonNode? node) => (node as JsonObject)?["metric"]?.ToJsonString() ?? node?.ToJsonString() ?? "";

    private static string Differ(JsonNode? expected, JsonNode? actual, string path) => $"{path} is {Short(actual)}, wanted {Short(expected)}";

    private static string Short(JsonNode? node)
    {
        string text = node?.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? "null";
        return text.Length > 300 ? text[..300] + "…" : text;
    }
}
