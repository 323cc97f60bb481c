using Aion.Hosting;

namespace Aion.Tools;

/// <summary><c>--timeout</c>: how long a tool may look at the bucket.</summary>
internal sealed class TimeoutFlag(FlagSet flags)
{
    private readonly Flag<TimeSpan> _timeout = flags.GoDuration("timeout", "How long reading the blocks' metadata from the bucket may take.", "5m");

    /// <summary>Does the work within the time; the caller's own token stays what it is.</summary>
    /// <exception cref="ComponentException">The time was up.</exception>
    public async Task<T> RunAsync<T>(
        ParsedFlags flags, ComponentContext context, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        TimeSpan timeout = flags.Get(_timeout);
        if (timeout < TimeSpan.FromMinutes(1)) context.Logger.Warn("timeout is less than one minute", [("timeout", timeout)]);
        if (timeout <= TimeSpan.Zero) throw new ComponentException($"--{_timeout.Name} must be more than 0");
        using CancellationTokenSource deadline = new(timeout, context.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ComponentException($"reading the bucket took longer than --{_timeout.Name}={Model.GoDuration.Format(timeout)}");
        }
    }
}
