namespace Aion.Caching.Tests;

/// <summary>Which memcached server has a key: it must be the one that Thanos asks.</summary>
public sealed class ServerSelectionTests
{
    // Facts of Thanos's own selector.
    [Theory]
    [InlineData("test-1", 0)]
    [InlineData("test-2", 1)]
    public void Keys_go_where_Thanos_looks_for_them(string key, int server) => Assert.Equal(server, JumpHash.BucketOf(key, 2));

    [Fact]
    public void One_server_more_takes_its_share_of_keys_and_moves_no_other()
    {
        var moved = 0;
        for (var i = 0; i < 1000; i++)
        {
            int before = JumpHash.BucketOf($"key-{i}", 9), after = JumpHash.BucketOf($"key-{i}", 10);
            if (before == after) continue;
            Assert.Equal(9, after);
            moved++;
        }

        Assert.InRange(moved, 60, 140);
    }

    [Fact]
    public void Addresses_are_ordered_as_people_count() => Assert.Equal(
        ["10.0.0.2:11211", "10.0.0.10:11211", "cache-2:1", "cache-10:1", "cache-10:2", "cache-10:11"],
        ((string[])["cache-10:11", "cache-10:2", "10.0.0.10:11211", "cache-2:1", "cache-10:1", "10.0.0.2:11211"]).Order(NaturalOrder.Instance));
}
