using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Aion.Hosting;

/// <summary>Reads quality values of Accept headers.</summary>
internal static class GzipNegotiation
{
    public static bool Accepts(HttpRequest request)
    {
        foreach (string? header in request.Headers.AcceptEncoding)
        {
            foreach (string coding in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                string[] parts = coding.Split(';', StringSplitOptions.TrimEntries);
                if (parts[0].Equals("gzip", StringComparison.OrdinalIgnoreCase)) return Quality(parts) > 0;
            }
        }

        return false;
    }

    /// <summary>The <c>q</c> among the parameters; 1 when there is none, 0 when it is not a number.</summary>
    public static double Quality(ReadOnlySpan<string> parameters)
    {
        foreach (string parameter in parameters)
        {
            if (!parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)) continue;
            return double.TryParse(parameter.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality) ? quality : 0;
        }

        return 1;
    }
}
