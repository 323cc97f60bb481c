using Aion.Storage;

namespace Aion.Sidecar;

/// <summary>Reads the body of an answer with a bound.</summary>
internal static class PrometheusBody
{
    /// <summary>The most that one answer of the JSON API may hold.</summary>
    public const int MaxBytes = 1 << 30;

    /// <summary>The start of an error's body that goes into the message.</summary>
    public const int MaxErrorBytes = 64 * 1024;

    /// <summary>The body. Beyond the bound an error body is cut; any other fails.</summary>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var body = new MemoryStream();
            var block = new byte[64 * 1024];
            while (true)
            {
                int read = await stream.ReadAsync(block, cancellationToken);
                if (read == 0) return body.ToArray();
                if (body.Length + read > maxBytes)
                {
                    if (maxBytes == MaxErrorBytes) return body.ToArray();
                    throw new StoreException(
                        StoreErrorKind.ResourceExhausted,
                        $"the answer of {response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Path)} is longer than {maxBytes} bytes; narrow the matchers or the time range");
                }

                body.Write(block, 0, read);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new StoreException(StoreErrorKind.Unavailable, $"Prometheus broke off its answer: {e.Message}", e);
        }
    }
}
