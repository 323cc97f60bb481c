using System.Net;

namespace Aion.ObjectStorage;

/// <summary>
/// Sends requests of an HTTP API again where that may help: after exponential pauses with full jitter, so many times in all, and within a
/// <see cref="RetryBudget"/> that all calls share. Thread-safe.
/// </summary>
/// <param name="maxTries">Calls in all, the first included.</param>
public sealed class RequestRetries(int maxTries, TimeProvider time, Random random)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(20);

    // Guards the random source.
    private readonly Lock _lock = new();

    public RetryBudget Budget { get; } = new();

    /// <summary>The answer's head; its body is still to be read. The caller disposes it.</summary>
    /// <param name="send">Makes the request afresh and sends it.</param>
    /// <param name="accepts">Answers that are no failure.</param>
    /// <param name="repeatable">Sending it twice does what sending it once does; otherwise only refusals are tried again.</param>
    /// <param name="failureOf">Tells an answer in the contract's words, and disposes it.</param>
    /// <param name="translate">The same for an exception.</param>
    public async Task<HttpResponseMessage> SendAsync(
        Func<CancellationToken, Task<HttpResponseMessage>> send, Func<HttpStatusCode, bool> accepts, bool repeatable,
        Func<HttpResponseMessage, CancellationToken, Task<BucketException>> failureOf, Func<Exception, BucketException> translate, CancellationToken cancellationToken)
    {
        Budget.Earn();
        for (var attempt = 1; ; attempt++)
        {
            BucketException failure;
            bool again;
            try
            {
                HttpResponseMessage answer = await send(cancellationToken);
                if (accepts(answer.StatusCode)) return answer;
                bool refused = answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests;
                failure = await failureOf(answer, cancellationToken);
                again = failure.Kind == BucketErrorKind.Transient && (repeatable || refused);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                failure = translate(e);
                again = failure.Kind == BucketErrorKind.Transient && repeatable;
            }

            if (!again || attempt >= maxTries || !Budget.TrySpend()) throw failure;
            await Task.Delay(Pause(attempt), time, cancellationToken);
        }
    }

    private TimeSpan Pause(int attempt)
    {
        TimeSpan longest = FirstPause * Math.Pow(2, attempt - 1);
        if (longest > LongestPause) longest = LongestPause;
        lock (_lock)
        {
            return longest * random.NextDouble();
        }
    }
}
