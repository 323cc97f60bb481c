namespace Aion.ObjectStorage;

/// <summary>Reads what an answer says in words.</summary>
public static class AnswerText
{
    private const int MaxBytes = 16 * 1024;

    /// <summary>The beginning of the body, 16 KiB at most; empty where it can't be read, since the status says enough then.</summary>
    public static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = new AdapterStream(await answer.Content.ReadAsStreamAsync(cancellationToken), answer, e => e, MaxBytes);
            return await new StreamReader(body).ReadToEndAsync(cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return "";
        }
    }

    /// <summary>Up to the first line break.</summary>
    public static string FirstLine(string text)
    {
        int end = text.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? text : text[..end];
    }
}
