using System.Net;
using System.Text.Json;

namespace Aion.ObjectStorage.Swift;

/// <summary>
/// Keeps a session, and logs in again when it is about to run out or was refused; of many callers at once one logs in. Thread-safe.
/// </summary>
internal sealed class SwiftTokens(HttpClient http, SwiftLogin login, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1);
    private volatile SwiftSession? _session;

    /// <exception cref="BucketException">The login failed.</exception>
    public async Task<SwiftSession> GetAsync(CancellationToken cancellationToken)
    {
        if (Usable is { } session) return session;
        await _one.WaitAsync(cancellationToken);
        try
        {
            return Usable ?? (_session = await LogInAsync(cancellationToken));
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The server did not take the session's token.</summary>
    public void Refused(SwiftSession session) => Interlocked.CompareExchange(ref _session, null, session);

    public void Dispose() => _one.Dispose();

    private SwiftSession? Usable => _session is { } session && (session.Expires is not { } end || end - Margin > time.GetUtcNow()) ? session : null;

    private async Task<SwiftSession> LogInAsync(CancellationToken cancellationToken)
    {
        BucketException? refused = null;
        foreach (HttpRequestMessage request in Requests())
        {
            using HttpResponseMessage answer = await SendAsync(request, cancellationToken);
            if (answer.IsSuccessStatusCode) return await ReadAsync(answer, cancellationToken);
            refused = await RefusedAsync(answer, cancellationToken);
            if (refused.Kind != BucketErrorKind.AccessDenied) break;
        }

        throw refused!;
    }

    /// <summary>One, or several to be tried in order.</summary>
    private IEnumerable<HttpRequestMessage> Requests() => login.Version switch
    {
        1 => [LoginV1.Request(login)],
        2 => LoginV2.Requests(login),
        _ => [LoginV3.Request(login)],
    };

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new BucketException(BucketErrorKind.Transient, $"log in at {login.Url}: {SwiftErrors.Describe(e)}", e);
        }
    }

    private async Task<SwiftSession> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return login.Version switch
            {
                1 => LoginV1.Read(answer, login, time.GetUtcNow()),
                2 => LoginV2.Read(await SwiftAnswers.ReadAsync(answer, SwiftJson.Default.KeystoneV2Answer, cancellationToken), login),
                _ => LoginV3.Read(answer, await SwiftAnswers.ReadAsync(answer, SwiftJson.Default.KeystoneV3Answer, cancellationToken), login),
            };
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException && e is not BucketException)
        {
            BucketErrorKind kind = e is JsonException ? BucketErrorKind.Unknown : BucketErrorKind.Transient;
            throw new BucketException(kind, $"log in at {login.Url}: {SwiftErrors.Describe(e)}", e);
        }
    }

    private async Task<BucketException> RefusedAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        string text = SwiftErrors.MessageOf(await AnswerText.ReadAsync(answer, cancellationToken));
        BucketErrorKind kind = answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => BucketErrorKind.AccessDenied,
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => BucketErrorKind.Transient,
            _ => BucketErrorKind.Unknown,
        };
        return new BucketException(kind, $"log in at {login.Url}: {text} (status {(int)answer.StatusCode})");
    }
}
