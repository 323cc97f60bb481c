using FsCheck.Xunit;

namespace Aion.Storage.Tests;

public sealed class ChainDedupTests
{
    [Property]
    public bool Every_timestamp_stays_and_the_earlier_replica_wins(int[] a, int[] b, int[] c)
    {
        SortedSet<int>[] replicas = [[.. a], [.. b], [.. c]];
        var into = new SampleBuffer();

        ChainDedup.Merge([.. replicas.Select((r, i) => PenaltyDedupTests.Of([.. r.Select(t => ((long)t, (double)i))]))], into);

        SortedSet<int> all = [.. a, .. b, .. c];
        return into.Times.ToArray().SequenceEqual(all.Select(t => (long)t))
            && into.Values.ToArray().SequenceEqual(all.Select(t => (double)Array.FindIndex(replicas, r => r.Contains(t))));
    }
}
