using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>
/// Actors that live and end together. All start at once; the first to return, or the stop token, ends the group: the others are
/// stopped one after another in reverse order of registration, each within its own grace. The group's outcome is the first actor's.
/// </summary>
/// <remarks>
/// Upstream interrupts in order of registration; reversed, the HTTP server, which is registered first, answers probes and metrics
/// while the rest drains. See docs/compatibility.md.
/// </remarks>
public sealed class RunGroup(ILogger logger, TimeProvider time)
{
    /// <summary>How long an actor may take to end when it does not say otherwise.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(30);

    private readonly List<Actor> _actors = [];
    private bool _isRunning;

    public int Count => _actors.Count;

    /// <summary>Adds an actor. It must end soon after its token is cancelled.</summary>
    /// <param name="name">For log lines about this actor.</param>
    /// <param name="run">Runs until it is done, fails, or the token is cancelled.</param>
    /// <param name="stop">Graceful stop, called before the token is cancelled; gets the error that ended the group, or null.</param>
    /// <param name="grace">Longest time the stop and the end of <paramref name="run"/> may take together; then the token is cancelled
    /// and the actor is left behind.</param>
    public void Add(string name, Func<CancellationToken, Task> run, Func<Exception?, CancellationToken, Task>? stop = null,
        TimeSpan? grace = null)
    {
        if (_isRunning) throw new InvalidOperationException($"actor {name} comes too late: the group runs already");
        _actors.Add(new Actor(name, run, stop, grace ?? DefaultGrace));
    }

    /// <summary>Runs all actors to their end.</summary>
    /// <param name="stopping">Cancelled by a signal; an ordinary end, not an error.</param>
    /// <exception cref="Exception">What the first actor to end failed with.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        _isRunning = true;
        if (_actors.Count == 0) return;

        List<RunningActor> running = [.. _actors.Select(actor => new RunningActor(actor))];
        TaskCompletionSource signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = stopping.Register(() => signal.TrySetResult());
        Task first = await Task.WhenAny([.. running.Select(actor => actor.Task), signal.Task]);

        Exception? reason = first.Exception?.InnerException;
        for (int i = running.Count - 1; i >= 0; i--)
        {
            await StopAsync(running[i], reason);
            // An actor that is left behind still holds its token.
            if (running[i].Task.IsCompleted) running[i].Dispose();
        }

        if (reason is not null) ExceptionDispatchInfo.Throw(reason);
    }

    private async Task StopAsync(RunningActor actor, Exception? reason)
    {
        using CancellationTokenSource deadline = new(actor.Grace, time);
        try
        {
            if (actor.Stop is not null) await actor.Stop(reason, deadline.Token).WaitAsync(deadline.Token);
            await actor.CancelAsync();
            await actor.Task.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !actor.Task.IsCompleted)
        {
            await actor.CancelAsync();
            logger.Warn("actor did not stop within its grace period", [("actor", actor.Name), ("grace", actor.Grace)]);
        }
        catch (OperationCanceledException)
        {
            // An actor may end by its own cancelled token; that is how it was asked to.
        }
        catch (Exception e)
        {
            await actor.CancelAsync();
            // The reason is the group's outcome and is reported by the caller.
            if (!ReferenceEquals(e, reason)) logger.Warn("actor failed while stopping", [("actor", actor.Name), ("err", e)]);
        }
    }

    private record Actor(string Name, Func<CancellationToken, Task> Run, Func<Exception?, CancellationToken, Task>? Stop, TimeSpan Grace);

    private sealed class RunningActor : IDisposable
    {
        private readonly CancellationTokenSource _cancellation = new();

        public RunningActor(Actor actor)
        {
            Name = actor.Name;
            Stop = actor.Stop;
            Grace = actor.Grace;
            // On the pool, so that an actor that works before its first await does not delay the others.
            Task = System.Threading.Tasks.Task.Run(() => actor.Run(_cancellation.Token));
        }

        public string Name { get; }

        public Func<Exception?, CancellationToken, Task>? Stop { get; }

        public TimeSpan Grace { get; }

        public Task Task { get; }

        public Task CancelAsync() => _cancellation.CancelAsync();

        public void Dispose() => _cancellation.Dispose();
    }
}
