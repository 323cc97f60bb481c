using System.Text.Json;

namespace Aion.EndToEnd.Tests;

/// <summary>The Prometheus HTTP API as a client sees it.</summary>
internal static class Api
{
    public static HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(120) };

    public static async Task<JsonElement> GetAsync(string url)
    {
        using HttpResponseMessage response = await Client.GetAsync(url);
        string body = await response.Content.ReadAsStringAsync();
        try
        {
            return JsonDocument.Parse(body).RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new InvalidDataException($"{url} answered {(int)response.StatusCode} without JSON: {body}");
        }
    }

    public static Task<JsonElement> QueryAsync(string address, string query, string more = "") =>
        GetAsync($"{address}/api/v1/query?query={Uri.EscapeDataString(query)}{more}");

    /// <summary>The value of a one-element vector, or null when the answer is empty.</summary>
    public static double? SingleValue(JsonElement answer)
    {
        Assert.Equal("success", answer.GetProperty("status").GetString());
        JsonElement result = answer.GetProperty("data").GetProperty("result");
        if (result.GetArrayLength() == 0) return null;
        Assert.Equal(1, result.GetArrayLength());
        return double.Parse(result[0].GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture);
    }

    public static IReadOnlyList<string> Warnings(JsonElement answer) =>
        answer.TryGetProperty("warnings", out JsonElement warnings) ? [.. warnings.EnumerateArray().Select(w => w.GetString()!)] : [];
}
