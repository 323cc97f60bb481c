using System.Runtime.CompilerServices;

namespace Aion.ObjectStorage;

/// <summary>How often and how fast a failed call is tried again.</summary>
public sealed record RetryOptions
{
    /// <summary>Calls in all, the first included.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>Upper end of the first pause; doubles each time. The pause itself is a random part of it.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Retries allowed per call over the long run, so that a bucket that is down does not get the load several times over.</summary>
    public double BudgetRatio { get; init; } = 0.1;

    /// <summary>Retries that may be saved up.</summary>
    public int BudgetBurst { get; init; } = 50;
}

/// <summary>
/// Tries calls again whose failure is <see cref="BucketErrorKind.Transient"/>: those that change nothing, deletes, and uploads whose
/// source can be rewound. A stream that breaks while it is read, and a listing that has begun, fail as they are.
/// </summary>
public sealed class RetryingBucket(IBucket inner, RetryOptions options, TimeProvider time, Random random) : IBucket
{
    private readonly RetryBudget _budget = new(options.BudgetRatio, options.BudgetBurst);

    // Guards the random source.
    private readonly Lock _lock = new();

    public string Name => inner.Name;

    public bool SupportsConditionalUpload => inner.SupportsConditionalUpload;

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken) =>
        RetryAsync(() => inner.GetAsync(key, cancellationToken), cancellationToken);

    public Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken) =>
        RetryAsync(() => inner.TryGetAsync(key, cancellationToken), cancellationToken);

    public Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken) =>
        RetryAsync(() => inner.GetRangeAsync(key, offset, length, cancellationToken), cancellationToken);

    public bool IsLocal => inner.IsLocal;

    /// <summary>Not tried again: a disk of this machine does not get well by waiting.</summary>
    public LocalObject OpenLocal(string key) => inner.OpenLocal(key);

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Only the first page can be asked for again: later ones would give entries twice.
        IAsyncEnumerator<BucketEntry>? entries = null;
        try
        {
            bool more = await RetryAsync(
                async () =>
                {
                    if (entries is not null) await entries.DisposeAsync();
                    entries = inner.ListAsync(directory, recursive, cancellationToken).GetAsyncEnumerator(cancellationToken);
                    return await entries.MoveNextAsync();
                },
                cancellationToken);
            for (; more; more = await entries!.MoveNextAsync()) yield return entries!.Current;
        }
        finally
        {
            if (entries is not null) await entries.DisposeAsync();
        }
    }

    public Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken) =>
        RetryAsync(() => inner.AttributesAsync(key, cancellationToken), cancellationToken);

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) =>
        RetryAsync(() => inner.ExistsAsync(key, cancellationToken), cancellationToken);

    public async Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken)
    {
        // A conditional upload whose answer was lost would find itself and report that it lost.
        if (!content.CanSeek || condition != UploadCondition.None)
        {
            await inner.UploadAsync(key, content, condition, cancellationToken);
            return;
        }

        long start = content.Position;
        await RetryAsync(
            async () =>
            {
                content.Position = start;
                await inner.UploadAsync(key, content, condition, cancellationToken);
                return true;
            },
            cancellationToken);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => RetryAsync(
        async () =>
        {
            await inner.DeleteAsync(key, cancellationToken);
            return true;
        },
        cancellationToken);

    private async Task<T> RetryAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        _budget.Earn();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (BucketException e) when (e.Kind == BucketErrorKind.Transient && attempt < options.Attempts && _budget.TrySpend())
            {
                await Task.Delay(Pause(attempt), time, cancellationToken);
            }
        }
    }

    private TimeSpan Pause(int attempt)
    {
        TimeSpan longest = options.FirstPause * Math.Pow(2, attempt - 1);
        if (longest > options.LongestPause) longest = options.LongestPause;
        lock (_lock)
        {
            return longest * random.NextDouble();
        }
    }
}
