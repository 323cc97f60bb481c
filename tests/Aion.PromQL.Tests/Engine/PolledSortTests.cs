namespace Aion.PromQL.Tests;

public sealed class PolledSortTests
{
    [Fact]
    public void A_stop_leaves_a_sort_as_the_error_it_is()
    {
        var stopped = new PromQLException(QueryErrorKind.Canceled, "stopped");
        List<int> numbers = [.. Enumerable.Range(0, 100_000).Reverse()];
        var polls = 0;

        void Poll()
        {
            if (++polls == 3) throw stopped;
        }

        Assert.Same(stopped, Assert.Throws<PromQLException>(() => PolledSort.Sort(numbers, static (a, b) => a - b, Poll)));
        Assert.Equal(3, polls);
        Assert.Same(stopped, Assert.Throws<PromQLException>(() => PolledSort.Ordered(numbers, Comparer<int>.Default, () => throw stopped)));
    }

    [Fact]
    public void Equal_elements_stay_in_order()
    {
        List<(int Key, int Place)> items = [.. Enumerable.Range(0, 10_000).Select(i => (i % 3, i))];

        List<(int Key, int Place)> ordered = PolledSort.Ordered(items, Comparer<(int Key, int Place)>.Create(static (a, b) => a.Key - b.Key), static () => { });

        Assert.Equal(items.OrderBy(i => i.Key).ThenBy(i => i.Place), ordered);
    }
}
