using System.Runtime.ExceptionServices;

namespace Aion.PromQL;

/// <summary>Sorts that a canceled query leaves at once, however much there is to sort.</summary>
internal static class PolledSort
{
    /// <summary>Sorts in place; equal elements come in any order.</summary>
    /// <exception cref="PromQLException">The query shall stop.</exception>
    public static void Sort<T>(List<T> list, Comparison<T> compare, Action poll) =>
        Unwrapped(() => list.Sort(new PollingComparer<T>(Comparer<T>.Create(compare), poll)));

    /// <summary>A sorted copy; equal elements stay in the order they have.</summary>
    /// <exception cref="PromQLException">The query shall stop.</exception>
    public static List<T> Ordered<T>(IEnumerable<T> items, IComparer<T> order, Action poll)
    {
        List<T> ordered = [];
        Unwrapped(() => ordered = [.. items.Order(new PollingComparer<T>(order, poll))]);
        return ordered;
    }

    /// <summary>A sort wraps whatever a comparison throws.</summary>
    private static void Unwrapped(Action sort)
    {
        try
        {
            sort();
        }
        catch (InvalidOperationException e) when (e.InnerException is PromQLException stopped)
        {
            ExceptionDispatchInfo.Throw(stopped);
        }
    }

    private sealed class PollingComparer<T>(IComparer<T> order, Action poll) : IComparer<T>
    {
        private const int Interval = 1 << 12;

        private int _comparisons;

        public int Compare(T? x, T? y)
        {
            if (++_comparisons % Interval == 0) poll();
            return order.Compare(x, y);
        }
    }
}
