namespace Aion.EndToEnd.Tests;

/// <summary>Waits for a condition over processes, where nothing can call us back.</summary>
internal static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? timeout = null, Func<string>? explain = null)
    {
        using var deadline = new CancellationTokenSource(timeout ?? DefaultTimeout);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        Exception? last = null;
        do
        {
            try
            {
                if (await condition()) return;
                last = null;
            }
            catch (HttpRequestException e)
            {
                // Not listening yet, or just gone: the condition is not met.
                last = e;
            }
        }
        while (await NextAsync(tick, deadline.Token));

        throw new TimeoutException($"not within {timeout ?? DefaultTimeout}: {what}. {last?.Message}\n{explain?.Invoke()}");
    }

    private static async Task<bool> NextAsync(PeriodicTimer tick, CancellationToken cancellationToken)
    {
        try
        {
            return await tick.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
