using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Google.Apis.Auth.OAuth2.Responses;

namespace Aion.ObjectStorage.Gcs;

/// <summary>Sends requests of the JSON API: with a token, again where that helps, and with failures told in the contract's words.</summary>
/// <param name="address">Scheme and host of the service.</param>
internal sealed class GcsClient(HttpClient http, Uri address, GcsToken token, GcsConfig config, TimeProvider time, Random random)
{
    private const int MaxJsonBytes = 64 * 1024 * 1024;

    private readonly RequestRetries _retries = new(config.MaxTries, time, random);

    public RetryBudget Budget => _retries.Budget;

    public string Bucket => config.Bucket;

    /// <summary>The object's own address.</summary>
    public Uri ObjectUri(string key, string query) =>
        new(address, $"/storage/v1/b/{Uri.EscapeDataString(Bucket)}/o/{Uri.EscapeDataString(key)}?{query}");

    public Uri ObjectsUri(string query) => new(address, $"/storage/v1/b/{Uri.EscapeDataString(Bucket)}/o?{query}");

    public Uri UploadUri(string query) => new(address, $"/upload/storage/v1/b/{Uri.EscapeDataString(Bucket)}/o?{query}");

    /// <summary>The answer's head; its body is still to be read. The caller disposes it.</summary>
    /// <param name="make">Makes the request afresh for each try.</param>
    /// <param name="accepts">Answers that are no failure.</param>
    /// <param name="repeatable">Sending it twice does what sending it once does; otherwise only refusals are tried again.</param>
    public Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> make, Func<HttpStatusCode, bool> accepts, bool repeatable, (string Operation, string Key) what, CancellationToken cancellationToken) =>
        _retries.SendAsync(
            token => SendOnceAsync(make(), token), accepts, repeatable, (answer, token) => FailureAsync(answer, what, token), e => Translate(e, what), cancellationToken);

    /// <summary>The same for an answer that is one JSON document.</summary>
    public async Task<T> AskAsync<T>(
        Func<HttpRequestMessage> make, JsonTypeInfo<T> type, bool repeatable, (string Operation, string Key) what, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer = await SendAsync(make, static s => s == HttpStatusCode.OK, repeatable, what, cancellationToken);
        return await ReadAsync(answer, type, what, cancellationToken);
    }

    public async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, (string Operation, string Key) what, CancellationToken cancellationToken)
    {
        using (answer)
        {
            try
            {
                await using var body = new AdapterStream(await answer.Content.ReadAsStreamAsync(cancellationToken), answer, e => e, MaxJsonBytes);
                return await JsonSerializer.DeserializeAsync(body, type, cancellationToken) ?? throw new JsonException("null");
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                throw Translate(e, what);
            }
        }
    }

    public BucketException Translate(Exception e, (string Operation, string Key) what)
    {
        if (e is BucketException told) return told;
        (BucketErrorKind kind, string detail) = e switch
        {
            TokenResponseException token => (BucketErrorKind.AccessDenied, "no token: " + (token.Error?.ErrorDescription ?? token.Error?.Error ?? token.Message)),
            HttpRequestException or IOException or OperationCanceledException => (BucketErrorKind.Transient, e.InnerException is { } inner ? $"{e.Message} ({inner.Message})" : e.Message),
            JsonException => (BucketErrorKind.Unknown, "the answer is not the JSON that was asked for: " + e.Message),
            InvalidOperationException => (BucketErrorKind.AccessDenied, "no credentials: " + e.Message),
            _ => (BucketErrorKind.Unknown, e.Message),
        };
        return new BucketException(kind, $"{Describe(what)}: {detail}", e);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // A session's address comes from the server: our token goes to the service only.
        if (request.RequestUri!.Authority == address.Authority && await token(cancellationToken) is { } bearer)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private async Task<BucketException> FailureAsync(HttpResponseMessage answer, (string Operation, string Key) what, CancellationToken cancellationToken)
    {
        using (answer)
        {
            string text = await AnswerText.ReadAsync(answer, cancellationToken);
            return new BucketException(KindOf(answer.StatusCode, text), $"{Describe(what)}: {MessageOf(text)} (status {(int)answer.StatusCode})");
        }
    }

    private static BucketErrorKind KindOf(HttpStatusCode status, string text) => status switch
    {
        HttpStatusCode.NotFound when !text.Contains("bucket does not exist", StringComparison.OrdinalIgnoreCase) => BucketErrorKind.NotFound,
        HttpStatusCode.Forbidden when text.Contains("rateLimitExceeded", StringComparison.OrdinalIgnoreCase) => BucketErrorKind.Transient,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => BucketErrorKind.AccessDenied,
        HttpStatusCode.PreconditionFailed => BucketErrorKind.AlreadyExists,
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => BucketErrorKind.Transient,
        _ => BucketErrorKind.Unknown,
    };

    private static string MessageOf(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out JsonElement error)
                && error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out JsonElement message))
                return message.ToString();
        }
        catch (JsonException)
        {
            // Some answers are plain text.
        }

        return AnswerText.FirstLine(text);
    }

    private string Describe((string Operation, string Key) what) =>
        what.Key.Length == 0 ? $"{what.Operation} in bucket {Bucket}" : $"{what.Operation} {what.Key} in bucket {Bucket}";
}
