using Microsoft.Extensions.Time.Testing;

namespace Aion.Caching.Tests;

public sealed class ServerHealthTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServerHealth _health;

    public ServerHealthTests() => _health = new ServerHealth(_time, () => 1);

    [Fact]
    public void The_first_failure_takes_a_server_out_and_is_told_once()
    {
        Assert.True(_health.IsUsed);
        Assert.True(_health.Failed(out bool isNews));
        Assert.True(isNews);
        Assert.False(_health.Failed(out isNews));
        Assert.False(isNews);
        Assert.False(_health.IsUsed);
    }

    [Fact]
    public void One_caller_looks_at_it_when_its_time_has_come()
    {
        _health.Failed(out _);
        Assert.False(_health.TryStartLook());
        _time.Advance(ServerHealth.FirstPause);
        Assert.True(_health.TryStartLook());
        Assert.False(_health.TryStartLook());
        Assert.False(_health.IsUsed);

        Assert.True(_health.Looked(answered: true, out TimeSpan outFor, out bool isNews));
        Assert.Equal(ServerHealth.FirstPause, outFor);
        Assert.True(isNews);
        Assert.True(_health.IsUsed);
    }

    [Fact]
    public void Looks_that_fail_come_ever_later_up_to_half_a_minute()
    {
        _health.Failed(out _);
        var pauses = new List<int>();
        for (var i = 0; i < 7; i++)
        {
            pauses.Add(SecondsUntilLook());
            Assert.False(_health.Looked(answered: false, out _, out _));
        }

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], pauses);
    }

    [Fact]
    public void A_relapse_lasts_longer_and_is_no_news_until_it_was_well_for_a_while()
    {
        _health.Failed(out _);
        SecondsUntilLook();
        _health.Looked(answered: true, out _, out _);
        _time.Advance(TimeSpan.FromSeconds(59));

        Assert.True(_health.Failed(out bool isNews));
        Assert.False(isNews);
        Assert.Equal(2, SecondsUntilLook());
        Assert.True(_health.Looked(answered: true, out _, out isNews));
        Assert.False(isNews);

        _time.Advance(ServerHealth.Recovery);
        Assert.True(_health.Failed(out isNews));
        Assert.True(isNews);
        Assert.Equal(1, SecondsUntilLook());
    }

    private int SecondsUntilLook()
    {
        var waited = 0;
        while (!_health.TryStartLook())
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            waited++;
        }

        return waited;
    }
}
