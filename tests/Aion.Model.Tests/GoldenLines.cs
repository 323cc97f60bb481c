using System.Text.Json;
using Aion.Testing;

namespace Aion.Model.Tests;

/// <summary>Lines of a golden file, and the comparison of what fails with what is known to fail.</summary>
internal static class GoldenLines
{
    public static IEnumerable<JsonElement> Read(params string[] parts)
    {
        foreach (string line in File.ReadLines(SharedFolder.Require(["golden", .. parts])))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    public static IEnumerable<JsonElement> OfKind(string kind, params string[] parts) =>
        Read(parts).Where(line => line.GetProperty("kind").GetString() == kind);

    public static string? Text(this JsonElement line, string field) =>
        line.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Runs a check over every line; the check returns null or what is wrong. Reports the first failures together.</summary>
    public static void AssertAll(IEnumerable<JsonElement> lines, Func<JsonElement, string?> check, int expectedAtLeast = 1)
    {
        var failures = new List<string>();
        var count = 0;
        foreach (JsonElement line in lines)
        {
            count++;
            if (check(line) is { } wrong) failures.Add($"{Shorten(line.GetRawText())}\n    {wrong}");
        }

        Assert.True(count >= expectedAtLeast, $"only {count} golden lines");
        Assert.True(failures.Count == 0, $"{failures.Count} of {count} fail:\n{string.Join('\n', failures.Take(25))}");
    }

    private static string Shorten(string text) => text.Length <= 240 ? text : text[..240] + "…";
}
