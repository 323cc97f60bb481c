using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Aion.Query;

/// <summary>
/// The parameters of one request, read as Go's net/http reads them: a form body's values stand before those of the URL, a pair with
/// a bad escape or a semicolon is left out, and a body is read only with POST and a form content type. Immutable.
/// </summary>
internal sealed class ApiForm
{
    /// <summary>Bytes of a form body read at most.</summary>
    public const int MaxBodyBytes = 10 << 20;

    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private ApiForm()
    {
    }

    /// <summary>The first value of a parameter; empty when it is absent, which means the same everywhere in this API.</summary>
    public string First(string name) => _values.TryGetValue(name, out List<string>? values) ? values[0] : "";

    /// <summary>All values in the order given.</summary>
    public IReadOnlyList<string> All(string name) => _values.TryGetValue(name, out List<string>? values) ? values : [];

    /// <param name="query">The raw query string, with or without the leading question mark.</param>
    public static ApiForm FromQuery(ReadOnlySpan<char> query)
    {
        var form = new ApiForm();
        form.AddEncoded(query.StartsWith("?") ? query[1..] : query);
        return form;
    }

    /// <exception cref="BadParameterException">The body is larger than <see cref="MaxBodyBytes"/> or no valid multipart form.</exception>
    public static async Task<ApiForm> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var form = new ApiForm();
        MediaTypeHeaderValue? type = HttpMethods.IsPost(request.Method) && MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed : null;
        if (type is not null && type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
            form.AddEncoded(await ReadBodyAsync(request, cancellationToken));
        form.AddEncoded(request.QueryString.Value is { Length: > 0 } query ? query.AsSpan(1) : []);
        if (type is not null && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            await form.AddMultipartAsync(request, HeaderUtilities.RemoveQuotes(type.Boundary).Value, cancellationToken);
        return form;
    }

    private static async Task<string> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBodyBytes) throw TooLarge();
        using var body = new MemoryStream((int)(request.ContentLength ?? 0));
        byte[] chunk = new byte[16 << 10];
        while (await request.Body.ReadAsync(chunk, cancellationToken) is > 0 and var read)
        {
            if (body.Length + read > MaxBodyBytes) throw TooLarge();
            body.Write(chunk, 0, read);
        }

        return Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
    }

    private async Task AddMultipartAsync(HttpRequest request, string? boundary, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(boundary)) return;
        try
        {
            var reader = new MultipartReader(boundary, request.Body);
            long total = 0;
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.IsFormDisposition()) continue;
                using var text = new MemoryStream();
                byte[] chunk = new byte[16 << 10];
                while (await section.Body.ReadAsync(chunk, cancellationToken) is > 0 and var read)
                {
                    total += read;
                    if (total > MaxBodyBytes) throw TooLarge();
                    text.Write(chunk, 0, read);
                }

                Add(HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "", Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length));
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new BadParameterException($"parse multipart form: {e.Message}");
        }
    }

    private static BadParameterException TooLarge() => new($"the form body is larger than {MaxBodyBytes >> 20} MiB");

    private void AddEncoded(ReadOnlySpan<char> pairs)
    {
        foreach (Range range in pairs.Split('&'))
        {
            ReadOnlySpan<char> pair = pairs[range];
            if (pair.IsEmpty || pair.Contains(';')) continue;
            int equals = pair.IndexOf('=');
            ReadOnlySpan<char> rest = equals < 0 ? [] : pair[(equals + 1)..];
            if (TryUnescape(equals < 0 ? pair : pair[..equals], out string name) && TryUnescape(rest, out string value)) Add(name, value);
        }
    }

    private void Add(string name, string value)
    {
        if (!_values.TryGetValue(name, out List<string>? values)) _values[name] = values = [];
        values.Add(value);
    }

    /// <summary>Undoes percent escapes and plus signs; false where an escape is not two hexadecimal digits.</summary>
    private static bool TryUnescape(ReadOnlySpan<char> text, out string unescaped)
    {
        unescaped = "";
        if (text.IndexOfAny('%', '+') < 0)
        {
            unescaped = text.ToString();
            return true;
        }

        byte[] utf8 = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return false;
                utf8[length++] = Convert.FromHexString(text.Slice(i + 1, 2))[0];
                i += 2;
                continue;
            }

            int run = text[i..].IndexOfAny('%', '+');
            if (run == 0)
            {
                utf8[length++] = (byte)' ';
                continue;
            }

            if (run < 0) run = text.Length - i;
            length += Encoding.UTF8.GetBytes(text.Slice(i, run), utf8.AsSpan(length));
            i += run - 1;
        }

        unescaped = Encoding.UTF8.GetString(utf8, 0, length);
        return true;
    }
}

/// <summary>A parameter is wrong: errorType <c>bad_data</c>, status 400. The message is what the user sees.</summary>
internal sealed class BadParameterException(string message) : Exception(message);
