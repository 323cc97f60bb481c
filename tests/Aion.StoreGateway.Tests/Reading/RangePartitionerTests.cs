using FsCheck;
using FsCheck.Xunit;

namespace Aion.StoreGateway.Tests;

public sealed class RangePartitionerTests
{
    [Fact]
    public void Ranges_within_the_gap_share_a_read()
    {
        List<RangePart> parts = RangePartitioner.Partition([new(1, 2), new(3, 5), new(7, 10)], maxGapBytes: 2);

        Assert.Equal([new RangePart(1, 10, 0, 3)], parts);
    }

    [Fact]
    public void A_wider_gap_parts_them()
    {
        List<RangePart> parts = RangePartitioner.Partition([new(1, 2), new(5, 6)], maxGapBytes: 2);

        Assert.Equal([new RangePart(1, 2, 0, 1), new RangePart(5, 6, 1, 1)], parts);
    }

    [Property]
    public bool Every_range_lies_in_exactly_one_part(List<(byte Start, byte Length)> given, byte gap)
    {
        ByteRange[] ranges = [.. given.Select(g => new ByteRange(g.Start, g.Start + g.Length)).OrderBy(r => r.Start)];

        List<RangePart> parts = RangePartitioner.Partition(ranges, gap);

        return parts.Sum(p => p.Count) == ranges.Length
            && parts.All(p => ranges.Skip(p.FirstIndex).Take(p.Count).All(r => r.Start >= p.Start && r.End <= p.End))
            && parts.Zip(parts.Skip(1)).All(pair => pair.Second.Start > pair.First.End + gap);
    }
}
