using System.Net;
using System.Text.Json.Serialization.Metadata;

namespace Aion.ObjectStorage.Swift;

/// <summary>Sends requests of Swift's API: with a token, again where that helps, and with failures told in the contract's words.</summary>
internal sealed class SwiftClient(HttpClient http, SwiftTokens tokens, SwiftConfig config, TimeProvider time, Random random)
{
    private const int PageSize = 1000;

    private readonly RequestRetries _retries = new(config.MaxTries, time, random);

    // Containers that were there when looked at.
    private volatile bool _containerIsThere;

    public RetryBudget Budget => _retries.Budget;

    /// <summary>The answer's head; its body is still to be read. The caller disposes it.</summary>
    /// <param name="make">Makes the request afresh for each try, out of the account's address.</param>
    /// <param name="accepts">Answers that are no failure.</param>
    /// <param name="repeatable">Sending it twice does what sending it once does; otherwise only refusals are tried again.</param>
    public Task<HttpResponseMessage> SendAsync(
        Func<string, HttpRequestMessage> make, Func<HttpStatusCode, bool> accepts, bool repeatable, string what, CancellationToken cancellationToken) =>
        _retries.SendAsync(
            token => SendOnceAsync(make, token), accepts, repeatable, (answer, token) => FailureAsync(answer, what, token),
            e => SwiftErrors.Translate(e, what), cancellationToken);

    /// <summary>The same for an answer that is one JSON document.</summary>
    public async Task<T> AskAsync<T>(
        Func<string, HttpRequestMessage> make, JsonTypeInfo<T> type, string what, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer = await SendAsync(make, static s => s == HttpStatusCode.OK, repeatable: true, what, cancellationToken);
        using (answer)
        {
            try
            {
                return await SwiftAnswers.ReadAsync(answer, type, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                throw SwiftErrors.Translate(e, what);
            }
        }
    }

    /// <summary>The object's head, or null when it is absent.</summary>
    public async Task<SwiftObject?> TryHeadAsync(string key, CancellationToken cancellationToken)
    {
        string what = What("attributes of", key);
        using HttpResponseMessage answer = await SendAsync(
            storage => new HttpRequestMessage(HttpMethod.Head, Address(storage, config.Container, key)),
            static s => s is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.NotFound, repeatable: true, what, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.NotFound) return SwiftObject.Of(answer);
        await CheckContainerAsync(what, cancellationToken);
        return null;
    }

    /// <summary>
    /// A container that is not there answers for each of its objects as if that one were missing: after the first such answer the container is
    /// looked at, once.
    /// </summary>
    /// <exception cref="BucketException"><see cref="BucketErrorKind.Unknown"/>: there is no such container.</exception>
    public async Task CheckContainerAsync(string what, CancellationToken cancellationToken)
    {
        if (_containerIsThere) return;
        using HttpResponseMessage answer = await SendAsync(
            storage => new HttpRequestMessage(HttpMethod.Head, Address(storage, config.Container, "")),
            static s => s is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.NotFound or HttpStatusCode.Forbidden,
            repeatable: true, what, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound) throw NoContainer(config.Container, what);
        // Who may only read objects may not look at the container, and could not have read a 404 either were it not there.
        _containerIsThere = true;
    }

    public static BucketException NoContainer(string container, string what) =>
        new(BucketErrorKind.Unknown, $"{what}: there is no container {container}");

    /// <summary>One page of a listing; null after the last.</summary>
    /// <param name="after">The last entry of the page before; empty = from the beginning.</param>
    public async Task<(IReadOnlyList<SwiftListed> Entries, string? Next)> ListPageAsync(
        string container, string prefix, string delimiter, string after, CancellationToken cancellationToken)
    {
        string query = $"format=json&limit={PageSize}&prefix={Uri.EscapeDataString(prefix)}"
            + (delimiter.Length > 0 ? "&delimiter=" + Uri.EscapeDataString(delimiter) : "")
            + (after.Length > 0 ? "&marker=" + Uri.EscapeDataString(after) : "");
        string what = What("list", prefix);
        IReadOnlyList<SwiftListed> page;
        try
        {
            page = await AskAsync(
                storage => new HttpRequestMessage(HttpMethod.Get, Address(storage, container, "", query)), SwiftJson.Default.IReadOnlyListSwiftListed, what, cancellationToken);
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            throw NoContainer(container, what);
        }

        if (page.Count < PageSize) return (page, null);
        string? last = page[^1].Name ?? page[^1].Subdirectory;
        return last is not null && !string.Equals(last, after, StringComparison.Ordinal)
            ? (page, last)
            : throw new BucketException(BucketErrorKind.Unknown, $"{what}: a page ends where it began");
    }

    public async Task DeleteAsync(string container, string name, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(
            storage => new HttpRequestMessage(HttpMethod.Delete, Address(storage, container, name)),
            static s => s is HttpStatusCode.NoContent or HttpStatusCode.OK or HttpStatusCode.NotFound,
            repeatable: true, What("delete", name), cancellationToken);
    }

    /// <param name="name">Empty = the container itself.</param>
    public static Uri Address(string storage, string container, string name, string query = "")
    {
        string path = $"{storage}/{Uri.EscapeDataString(container)}{(name.Length > 0 ? "/" + EscapePath(name) : "")}";
        return new Uri(query.Length > 0 ? $"{path}?{query}" : path);
    }

    public static string EscapePath(string name) => Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal);

    public string What(string operation, string key) =>
        key.Length == 0 ? $"{operation} in bucket {config.Container}" : $"{operation} {key} in bucket {config.Container}";

    private async Task<HttpResponseMessage> SendOnceAsync(Func<string, HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        SwiftSession session = await tokens.GetAsync(cancellationToken);
        HttpResponseMessage answer = await SendWithAsync(session, make, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.Unauthorized) return answer;

        // Tokens end before their time when a server is restarted or a password changed: a new one, once.
        answer.Dispose();
        tokens.Refused(session);
        return await SendWithAsync(await tokens.GetAsync(cancellationToken), make, cancellationToken);
    }

    private Task<HttpResponseMessage> SendWithAsync(SwiftSession session, Func<string, HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        HttpRequestMessage request = make(session.Storage.AbsoluteUri);
        request.Headers.TryAddWithoutValidation("X-Auth-Token", session.Token);
        return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private static async Task<BucketException> FailureAsync(HttpResponseMessage answer, string what, CancellationToken cancellationToken)
    {
        using (answer)
        {
            string text = SwiftErrors.MessageOf(await AnswerText.ReadAsync(answer, cancellationToken));
            string id = SwiftAnswers.Header(answer, "X-Trans-Id") is { Length: > 0 } trans ? $", transaction {trans}" : "";
            return new BucketException(SwiftErrors.KindOf(answer.StatusCode), $"{what}: {text} (status {(int)answer.StatusCode}{id})");
        }
    }
}
