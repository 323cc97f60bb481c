using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Hosting.Tests;

#pragma warning disable CA1001 // a memory stream holds nothing to give back
public sealed class RunGroupTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStream _log = new();
    private readonly List<string> _events = [];
    private readonly RunGroup _group;

    public RunGroupTests()
    {
        _group = new RunGroup(new LogOutput(_log, LogFormat.Logfmt, LogLevel.Debug, _time).CreateLogger("x"), _time);
    }

    [Fact]
    public async Task The_first_actor_to_end_stops_the_others_in_reverse_order()
    {
        TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        AddLoop("a");
        AddLoop("b");
        _group.Add("ends", _ => end.Task);
        AddLoop("c");
        Task running = _group.RunAsync(CancellationToken.None);

        end.SetResult();
        await running;

        Assert.Equal(["stop c", "end c", "stop b", "end b", "stop a", "end a"], _events);
    }

    [Fact]
    public async Task The_first_error_is_the_outcome_and_the_others_are_told()
    {
        Exception? told = null;
        _group.Add("a", Forever, (reason, _) =>
        {
            told = reason;
            return Task.CompletedTask;
        });
        _group.Add("fails", _ => throw new ComponentException("boom"));

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => _group.RunAsync(CancellationToken.None));

        Assert.Equal("boom", error.Message);
        Assert.Same(error, told);
    }

    [Fact]
    public async Task A_signal_is_an_ordinary_end()
    {
        using CancellationTokenSource signal = new();
        AddLoop("a");
        Task running = _group.RunAsync(signal.Token);

        await signal.CancelAsync();
        await running;

        Assert.Equal(["stop a", "end a"], _events);
    }

    [Fact]
    public async Task An_actor_that_does_not_end_is_left_after_its_grace()
    {
        using CancellationTokenSource signal = new();
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        AddLoop("first");
        _group.Add("stubborn", _ => new TaskCompletionSource().Task, (_, _) =>
        {
            stopped.SetResult();
            return Task.CompletedTask;
        }, TimeSpan.FromMinutes(2));
        Task running = _group.RunAsync(signal.Token);
        await signal.CancelAsync();
        await stopped.Task;

        _time.Advance(TimeSpan.FromSeconds(119));
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await running;

        Assert.Equal(["stop first", "end first"], _events);
        Assert.Contains("msg=\"actor did not stop within its grace period\" actor=stubborn grace=2m0s", Encoding.UTF8.GetString(_log.ToArray()));
    }

    [Fact]
    public async Task An_error_while_stopping_is_logged_and_does_not_keep_the_rest_running()
    {
        using CancellationTokenSource signal = new();
        AddLoop("a");
        _group.Add("b", Forever, (_, _) => throw new IOException("disk"));
        Task running = _group.RunAsync(signal.Token);

        await signal.CancelAsync();
        await running;

        Assert.Equal(["stop a", "end a"], _events);
        Assert.Contains("msg=\"actor failed while stopping\" actor=b err=disk", Encoding.UTF8.GetString(_log.ToArray()));
    }

    [Fact]
    public async Task All_actors_start_before_any_has_ended()
    {
        TaskCompletionSource both = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int started = 0;
        for (int i = 0; i < 2; i++)
        {
            _group.Add("a" + i, async _ =>
            {
                if (Interlocked.Increment(ref started) == 2) both.SetResult();
                await both.Task;
            });
        }

        await _group.RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal(2, started);
    }

    [Fact]
    public async Task A_group_without_actors_is_done()
    {
        await _group.RunAsync(CancellationToken.None);
    }

    private void AddLoop(string name) => _group.Add(name, async cancellationToken =>
    {
        try
        {
            await Forever(cancellationToken);
        }
        finally
        {
            _events.Add("end " + name);
        }
    }, (_, _) =>
    {
        _events.Add("stop " + name);
        return Task.CompletedTask;
    });

    private static Task Forever(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
}
