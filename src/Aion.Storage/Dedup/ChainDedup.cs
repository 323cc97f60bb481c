namespace Aion.Storage;

/// <summary>Merges replicas one to one: every timestamp of every replica, and of equal timestamps the earlier replica's sample.</summary>
public static class ChainDedup
{
    /// <param name="replicas">At least one; each ascending by time, one sample a timestamp.</param>
    /// <param name="into">Takes the merged samples.</param>
    public static void Merge(IReadOnlyList<SampleBuffer> replicas, SampleBuffer into)
    {
        SampleBuffer merged = replicas[0];
        for (var i = 1; i < replicas.Count; i++)
        {
            var next = new SampleBuffer();
            Merge(merged, replicas[i], next);
            merged = next;
        }

        into.AddRange(merged, 0, merged.Count);
    }

    private static void Merge(SampleBuffer a, SampleBuffer b, SampleBuffer into)
    {
        int i = 0, j = 0;
        while (i < a.Count || j < b.Count)
        {
            int from = i;
            long limit = j < b.Count ? b.Times[j] : long.MaxValue;
            while (i < a.Count && (j >= b.Count || a.Times[i] <= limit)) i++;
            into.AddRange(a, from, i - from);
            if (i > from && j < b.Count && a.Times[i - 1] == limit) j++;

            from = j;
            limit = i < a.Count ? a.Times[i] : long.MaxValue;
            while (j < b.Count && (i >= a.Count || b.Times[j] < limit)) j++;
            into.AddRange(b, from, j - from);
        }
    }
}
