using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Aion.ObjectStorage.Swift;

/// <summary>Reads answers and makes bodies; knows nothing of sending.</summary>
internal static class SwiftAnswers
{
    private const int MaxJsonBytes = 64 * 1024 * 1024;

    /// <summary>The header as it was sent, or null: Swift's tags come without quotes, which the typed reading refuses.</summary>
    public static string? Header(HttpResponseMessage answer, string name)
    {
        if (answer.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values)) return values.ToString();
        return answer.Content.Headers.NonValidated.TryGetValues(name, out values) ? values.ToString() : null;
    }

    /// <exception cref="JsonException">The body is not the JSON that was asked for, or is too long.</exception>
    public static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await using var body = new AdapterStream(await answer.Content.ReadAsStreamAsync(cancellationToken), answer, e => e, MaxJsonBytes);
        return await JsonSerializer.DeserializeAsync(body, type, cancellationToken) ?? throw new JsonException("null");
    }

    public static HttpRequestMessage PostJson(Uri url, string below, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url.OriginalString.TrimEnd('/') + "/" + below)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return request;
    }
}
