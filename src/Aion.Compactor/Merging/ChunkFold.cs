using Aion.Storage;

namespace Aion.Compactor;

/// <summary>
/// Makes one sequence of the samples of overlapping chunks. With <see cref="MergeFunction.Penalty"/> chunk after chunk is folded in, each
/// with fresh penalties (L-6.2); what the next chunk can no longer change is set aside first, so that the work follows the overlap.
/// Reusable; not thread-safe.
/// </summary>
internal sealed class ChunkFold(MergeFunction function)
{
    /// <summary>The penalty that a replica has at the start of a fold (see <see cref="PenaltyDedup"/>).</summary>
    private const long InitialPenaltyMs = 5_000;

    private readonly ChunkChain _chain = new();
    private readonly SampleBuffer _others = new();
    private SampleBuffer _open = new();
    private SampleBuffer _spare = new();

    /// <param name="chunks">At least one, none empty; by first sample, ascending; each ascending by time.</param>
    /// <param name="into">Takes the merged samples; none of the chunks.</param>
    public void Merge(ReadOnlySpan<SampleBuffer> chunks, SampleBuffer into)
    {
        if (function == MergeFunction.Chain)
        {
            _chain.Merge(chunks, into);
            return;
        }

        Fold(chunks, into);
    }

    /// <summary>The same for the windows of downsampled chunks, among which the first chunk is folded in last (L-6.2).</summary>
    public void MergeWindows(ReadOnlySpan<SampleBuffer> chunks, SampleBuffer into)
    {
        if (function == MergeFunction.Chain || chunks.Length == 1)
        {
            _chain.Merge(chunks, into);
            return;
        }

        _others.Clear();
        Fold(chunks[1..], _others);
        PenaltyDedup.Merge(_others, chunks[0], adjustCounters: false, into);
    }

    private void Fold(ReadOnlySpan<SampleBuffer> chunks, SampleBuffer into)
    {
        _open.Clear();
        _open.AddRange(chunks[0], 0, chunks[0].Count);
        foreach (SampleBuffer chunk in chunks[1..])
        {
            int settled = Settled(_open, chunk.Times[0]);
            into.AddRange(_open, 0, settled);
            _open.Slice(settled, _open.Count - settled);
            _spare.Clear();
            PenaltyDedup.Merge(_open, chunk, adjustCounters: false, _spare);
            (_open, _spare) = (_spare, _open);
        }

        into.AddRange(_open, 0, _open.Count);
    }

    /// <summary>
    /// How many samples the merge would take over whatever comes from <paramref name="first"/> on: their penalties do not reach it. One such
    /// sample is left to the merge, as the start of the next step.
    /// </summary>
    private static int Settled(SampleBuffer merged, long first)
    {
        ReadOnlySpan<long> times = merged.Times;
        var settled = 0;
        for (var i = 0; i < times.Length && times[i] <= first; i++)
        {
            // Times come from outside: differences are reckoned without a sign, since they may not fit a long.
            var room = unchecked((ulong)(first - times[i]));
            ulong step = i == 0 ? InitialPenaltyMs / 2 : unchecked((ulong)(times[i] - times[i - 1]));
            if (step >= ulong.MaxValue / 2 || 2 * step >= room) break;
            if (room > InitialPenaltyMs) settled = i;
        }

        return settled;
    }
}
