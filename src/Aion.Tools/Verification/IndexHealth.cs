using Aion.Model;
using Aion.Tsdb;

namespace Aion.Tools;

/// <summary>What a walk over all series of an index finds (block lifecycle L-5.11 … L-5.13).</summary>
internal sealed record IndexHealth
{
    public long Series { get; private set; }

    public long Chunks { get; private set; }

    /// <summary>A chunk begins before the one before it has ended.</summary>
    public long OutOfOrderChunks { get; private set; }

    /// <summary>Series that have such chunks.</summary>
    public long OutOfOrderSeries { get; private set; }

    /// <summary>A chunk has the times of the one before it.</summary>
    public long DuplicatedChunks { get; private set; }

    /// <summary>Chunks partly or wholly outside of the block's time.</summary>
    public long OutsideChunks { get; private set; }

    public long WhollyOutsideChunks { get; private set; }

    /// <summary>Chunks that begin exactly at the block's end: an old Prometheus wrote such; harmless.</summary>
    public long ChunksAtEnd { get; private set; }

    public long OutOfOrderLabels { get; private set; }

    /// <summary>What is wrong, for people; null when nothing is.</summary>
    public string? Problem
    {
        get
        {
            List<string> problems = [];
            if (OutsideChunks > ChunksAtEnd)
                problems.Add($"found {OutsideChunks - ChunksAtEnd} chunks outside the block's time range, {WhollyOutsideChunks} of them wholly");
            if (ChunksAtEnd > 0) problems.Add($"found {ChunksAtEnd} chunks that begin at the block's end, which old Prometheus versions wrote");
            if (OutOfOrderChunks > 0) problems.Add($"{OutOfOrderChunks}/{Chunks} chunks of {OutOfOrderSeries} series are out of order");
            if (DuplicatedChunks > 0) problems.Add($"found {DuplicatedChunks} duplicated chunks");
            if (OutOfOrderLabels > 0) problems.Add($"{OutOfOrderLabels}/{Series} series have labels out of order");
            return problems.Count == 0 ? null : string.Join("; ", problems);
        }
    }

    /// <param name="minTimeMs">The block's time as its meta has it; <paramref name="maxTimeMs"/> itself is allowed.</param>
    /// <exception cref="TsdbCorruptionException">The index can't be read to its end, or its series are out of order or empty.</exception>
    public static IndexHealth Gather(IndexReader index, long minTimeMs, long maxTimeMs, CancellationToken cancellationToken)
    {
        IndexHealth health = new();
        SeriesEntry entry = new();
        LabelsBuilder scratch = new();
        Labels? previous = null;
        foreach (uint id in index.Select([]))
        {
            cancellationToken.ThrowIfCancellationRequested();
            index.ReadSeries(id, entry, long.MinValue, long.MaxValue);
            health.Series++;
            if (HasUnorderedLabels(index, entry)) health.OutOfOrderLabels++;
            Labels labels = index.LabelsOf(entry, scratch);
            if (labels.IsEmpty) throw Wrong(index, id, "empty label set");
            if (previous is not null && labels <= previous) throw Wrong(index, id, $"series {labels} does not come after {previous}");
            if (entry.Chunks.Count == 0) throw Wrong(index, id, $"series {labels} has no chunks");
            previous = labels;
            health.Add(entry.Chunks, minTimeMs, maxTimeMs);
        }

        return health;
    }

    private void Add(IReadOnlyList<ChunkMeta> chunks, long minTimeMs, long maxTimeMs)
    {
        long outOfOrder = OutOfOrderChunks;
        for (int i = 0; i < chunks.Count; i++)
        {
            ChunkMeta chunk = chunks[i];
            Chunks++;
            if (chunk.MinTimeMs < minTimeMs || chunk.MaxTimeMs > maxTimeMs)
            {
                OutsideChunks++;
                if (chunk.MinTimeMs > maxTimeMs || chunk.MaxTimeMs < minTimeMs) WhollyOutsideChunks++;
                if (chunk.MinTimeMs == maxTimeMs) ChunksAtEnd++;
            }

            if (i == 0 || chunks[i - 1].MaxTimeMs < chunk.MinTimeMs) continue;
            if (chunks[i - 1].MinTimeMs == chunk.MinTimeMs && chunks[i - 1].MaxTimeMs == chunk.MaxTimeMs) DuplicatedChunks++;
            else OutOfOrderChunks++;
        }

        if (OutOfOrderChunks > outOfOrder) OutOfOrderSeries++;
    }

    private static bool HasUnorderedLabels(IndexReader index, SeriesEntry entry)
    {
        for (int i = 1; i < entry.Labels.Count; i++)
            if (index.Symbols.Lookup(entry.Labels[i].Name).SequenceCompareTo(index.Symbols.Lookup(entry.Labels[i - 1].Name)) < 0) return true;
        return false;
    }

    private static TsdbCorruptionException Wrong(IndexReader index, uint series, string what) => new(index.Path, index.OffsetOf(series), what);
}
