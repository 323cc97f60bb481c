using Aion.Blocks;
using Aion.Model;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Tools.Tests;

public sealed class BlockOverlapTests
{
    [Theory]
    [InlineData("0-10 10-20", "")]
    [InlineData("0-10 5-20", "5-10:2")]
    [InlineData("0-10 0-10 0-10", "0-10:3")]
    [InlineData("0-30 5-10 20-25", "5-10:2 20-25:2")]
    [InlineData("0-10 5-15 12-20", "5-10:2 12-15:2")]
    [InlineData("0-20 5-25 10-15 30-40", "10-15:3")]
    [InlineData("0-20 5-10 12-25 24-30", "5-10:2 12-20:2 24-25:2")]
    public void Every_largest_set_of_blocks_that_share_time_is_found(string blocks, string expected)
    {
        FakeTimeProvider time = new();
        IEnumerable<BlockMeta> metas = blocks.Split(' ').Select(b => b.Split('-')).Select(b => new BlockMeta
        {
            Id = BlockId.New(time),
            MinTimeMs = long.Parse(b[0]),
            MaxTimeMs = long.Parse(b[1]),
        });

        IReadOnlyList<BlockOverlap> overlaps = BlockOverlap.In(metas);

        Assert.Equal(expected, string.Join(' ', overlaps.Select(o => $"{o.MinTimeMs}-{o.MaxTimeMs}:{o.Blocks.Count}")));
    }
}
