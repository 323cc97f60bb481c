using System.IO.Hashing;
using System.Text;
using Aion.Model;

namespace Aion.Storage.Tests;

public sealed class ShardMatcherTests
{
    private static readonly Labels Series = Labels.Of("__name__", "up", "job", "x", "pod", "nginx");

    [Theory]
    [InlineData(true, new[] { "pod", "job" }, "job\u00FFx\u00FFpod\u00FFnginx\u00FF")]
    [InlineData(false, new[] { "pod", "job" }, "__name__\u00FFup\u00FF")]
    [InlineData(true, new string[0], "")]
    public void The_hash_covers_the_selected_labels_in_the_order_of_the_series(bool by, string[] labels, string hashed)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(hashed);
        ulong shard = XxHash64.HashToUInt64(bytes) % 7;

        for (var i = 0; i < 7; i++)
            Assert.Equal((ulong)i == shard, new ShardMatcher(new ShardInfo(i, 7, by, labels)).Matches(Series));
    }

    [Fact]
    public void Fewer_than_one_shard_means_no_sharding() => Assert.True(new ShardMatcher(new ShardInfo(3, 0, true, [])).Matches(Series));
}
