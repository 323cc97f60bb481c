using Microsoft.Extensions.Time.Testing;

namespace Aion.Caching.Tests;

public sealed class CircuitBreakerTests
{
    private static readonly BreakerConfig Config = new()
    {
        Enabled = true,
        MinRequests = 4,
        ConsecutiveFailures = 3,
        FailurePercent = 0.5,
        HalfOpenMaxRequests = 2,
        OpenDuration = TimeSpan.FromSeconds(5),
    };

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void It_opens_after_failures_in_a_row_once_enough_was_tried()
    {
        var breaker = new CircuitBreaker(Config with { FailurePercent = 1 }, _time);
        Assert.True(Try(breaker, true));
        Assert.True(Try(breaker, false));
        Assert.True(Try(breaker, false));
        Assert.True(Try(breaker, false));
        Assert.False(Try(breaker, true));
    }

    [Fact]
    public void It_opens_when_too_large_a_part_fails()
    {
        var breaker = new CircuitBreaker(Config, _time);
        foreach (bool succeeds in (bool[])[true, false, true, false]) Assert.True(Try(breaker, succeeds));
        Assert.False(Try(breaker, true));
    }

    [Fact]
    public void Half_open_lets_a_few_through_and_closes_after_as_many_successes()
    {
        CircuitBreaker breaker = Opened();
        _time.Advance(Config.OpenDuration);

        Assert.True(breaker.TryEnter(out int first));
        Assert.True(breaker.TryEnter(out int second));
        Assert.False(breaker.TryEnter(out _));
        breaker.Report(first, true);
        breaker.Report(second, true);
        for (var i = 0; i < 3; i++) Assert.True(Try(breaker, true));
    }

    [Fact]
    public void A_failure_while_half_open_opens_it_again()
    {
        CircuitBreaker breaker = Opened();
        _time.Advance(Config.OpenDuration);
        Assert.True(Try(breaker, false));

        Assert.False(Try(breaker, true));
        _time.Advance(Config.OpenDuration);
        Assert.True(Try(breaker, true));
    }

    [Fact]
    public void Failures_of_another_interval_do_not_count()
    {
        var breaker = new CircuitBreaker(Config with { FailurePercent = 1 }, _time);
        for (var i = 0; i < 10; i++)
        {
            Assert.True(Try(breaker, false));
            _time.Advance(TimeSpan.FromSeconds(6));
        }
    }

    [Fact]
    public void A_result_of_an_earlier_state_does_not_count()
    {
        var breaker = new CircuitBreaker(Config, _time);
        Assert.True(breaker.TryEnter(out int late));
        for (var i = 0; i < 4; i++) Try(breaker, false);
        _time.Advance(Config.OpenDuration);
        Assert.True(breaker.TryEnter(out _));
        breaker.Report(late, false);
        Assert.True(breaker.TryEnter(out _));
    }

    [Fact]
    public void Disabled_it_lets_everything_through()
    {
        var breaker = new CircuitBreaker(new BreakerConfig(), _time);
        for (var i = 0; i < 1000; i++) Assert.True(Try(breaker, false));
    }

    private CircuitBreaker Opened()
    {
        var breaker = new CircuitBreaker(Config, _time);
        for (var i = 0; i < 4; i++) Try(breaker, false);
        Assert.False(breaker.TryEnter(out _));
        return breaker;
    }

    private static bool Try(CircuitBreaker breaker, bool succeeds)
    {
        if (!breaker.TryEnter(out int generation)) return false;
        breaker.Report(generation, succeeds);
        return true;
    }
}
