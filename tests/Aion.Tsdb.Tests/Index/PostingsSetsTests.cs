using FsCheck.Xunit;

namespace Aion.Tsdb.Tests;

/// <summary>Set algebra gives what the naive twin gives.</summary>
public sealed class PostingsSetsTests
{
    [Property(MaxTest = 500)]
    public void Pairs_of_lists(uint[] left, uint[] right, byte repeat)
    {
        uint[] a = Sorted(left), b = Sorted([.. right, .. left.Take(repeat % 8), .. Enumerable.Range(0, repeat).Select(i => (uint)i * 7)]);

        Assert.Equal(a.Intersect(b).Order(), PostingsSets.Intersect(a, b));
        Assert.Equal(a.Intersect(b).Order(), PostingsSets.Intersect(b, a));
        Assert.Equal(a.Except(b).Order(), PostingsSets.Except(a, b));
        Assert.Equal(b.Except(a).Order(), PostingsSets.Except(b, a));
        Assert.Equal(a.Union(b).Order(), PostingsSets.Union(a, b));
        Assert.Equal(a.Intersect(b).Any(), PostingsSets.Overlaps(a, b));
    }

    [Property(MaxTest = 300)]
    public void Many_lists(uint[][] lists)
    {
        uint[][] sorted = [.. lists.Select(Sorted)];

        Assert.Equal(lists.SelectMany(l => l).Distinct().Order(), PostingsSets.Union(sorted));
    }

    private static uint[] Sorted(uint[] ids) => [.. ids.Distinct().Order()];
}
