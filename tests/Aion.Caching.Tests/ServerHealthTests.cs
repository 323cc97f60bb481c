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
        Assert.True(_health.Failed());
        Assert.False(_health.Failed());
        Assert.False(_health.IsUsed);
    }

    [Fact]
    public void One_caller_looks_at_it_when_its_time_has_come()
    {
        _health.Failed();
        Assert.False(_health.TryStartLook());
        _time.Advance(ServerHealth.FirstPause);
        Assert.True(_health.TryStartLook());
        Assert.False(_health.TryStartLook());
        Assert.False(_health.IsUsed);

        Assert.True(_health.Looked(answered: true, out TimeSpan outFor));
        Assert.Equal(ServerHealth.FirstPause, outFor);
        Assert.True(_health.IsUsed);
    }

    [Fact]
    public void Looks_that_fail_come_ever_later_up_to_half_a_minute()
    {
        _health.Failed();
        var pauses = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            var waited = 0;
            while (!_health.TryStartLook())
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                waited++;
            }

            pauses.Add(waited);
            Assert.False(_health.Looked(answered: false, out _));
        }

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], pauses);
    }
}
