using Aion.Blocks;
using Aion.Model;

namespace Aion.StoreGateway.Tests;

public sealed class BlockTimelineTests
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    [Fact]
    public void The_end_of_a_block_is_exclusive_and_that_of_a_request_inclusive()
    {
        BlockMeta[] blocks = [Block(0, 100), Block(100, 200), Block(200, 300)];

        Assert.Equal([blocks[1]], Select(blocks, 100, 199, 0));
        Assert.Equal([blocks[1], blocks[2]], Select(blocks, 100, 200, 0));
    }

    [Fact]
    public void The_coarsest_resolution_allowed_wins()
    {
        BlockMeta raw = Block(0, 100), five = Block(0, 100, BlockResolution.FiveMinutes), hour = Block(0, 100, BlockResolution.OneHour);
        BlockMeta[] blocks = [raw, five, hour];

        Assert.Equal([raw], Select(blocks, 0, 99, 0));
        Assert.Equal([raw], Select(blocks, 0, 99, BlockResolution.FiveMinutes - 1));
        Assert.Equal([five], Select(blocks, 0, 99, BlockResolution.FiveMinutes));
        Assert.Equal([hour], Select(blocks, 0, 99, long.MaxValue));
    }

    [Fact]
    public void Gaps_are_filled_with_finer_blocks()
    {
        BlockMeta rawBefore = Block(0, 100), rawInside = Block(100, 200), five = Block(100, 200, BlockResolution.FiveMinutes), rawAfter = Block(200, 300);

        Assert.Equal([rawBefore, five, rawAfter], Select([rawAfter, five, rawInside, rawBefore], 0, 299, BlockResolution.FiveMinutes));
    }

    [Fact]
    public void Overlapping_blocks_are_all_read()
    {
        BlockMeta[] blocks = [Block(0, 100), Block(50, 150)];

        Assert.Equal(blocks, Select(blocks, 0, 149, 0));
    }

    private static List<BlockMeta> Select(IReadOnlyList<BlockMeta> blocks, long min, long max, long resolution) =>
        new BlockTimeline<BlockMeta>(blocks, b => b).Select(min, max, resolution);

    private static BlockMeta Block(long min, long max, long resolution = 0) => new()
    {
        Id = BlockId.New(Clock),
        MinTimeMs = min,
        MaxTimeMs = max,
        Thanos = new ThanosMeta { ResolutionMs = resolution },
    };
}
