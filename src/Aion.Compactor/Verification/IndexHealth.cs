using Aion.Blocks;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>What a walk over a block's index finds (L-5.11 … L-5.14).</summary>
public sealed record IndexHealth
{
    public long Series { get; private set; }

    public long Chunks { get; private set; }

    /// <summary>Series with at least one chunk out of order.</summary>
    public long OutOfOrderSeries { get; private set; }

    /// <summary>Chunks that start before the one before has ended, other than those with the very same times.</summary>
    public long OutOfOrderChunks { get; private set; }

    /// <summary>Chunks with the same times as the one before.</summary>
    public long DuplicatedChunks { get; private set; }

    /// <summary>Chunks that are not wholly inside the block's times; its max time itself is allowed.</summary>
    public long OutsideChunks { get; private set; }

    /// <summary>Of <see cref="OutsideChunks"/>, those with no part inside.</summary>
    public long CompleteOutsideChunks { get; private set; }

    /// <summary>Chunks that start at the block's max time (prometheus/tsdb issue 347).</summary>
    public long Issue347OutsideChunks { get; private set; }

    /// <summary>Series whose labels are not in order.</summary>
    public long OutOfOrderLabels { get; private set; }

    /// <summary>Upper bounds for readers, from distances of neighbours.</summary>
    public IndexStats IndexStats { get; private set; }

    /// <summary>Chunks lie outside the block's times, other than for issue 347; null = none.</summary>
    public string? CriticalError
    {
        get
        {
            long partly = OutsideChunks - CompleteOutsideChunks - Issue347OutsideChunks;
            return partly > 0 || CompleteOutsideChunks > 0
                ? $"{CompleteOutsideChunks} chunks lie outside the block's time range and {Math.Max(0, partly)} reach over it"
                : null;
        }
    }

    public string? Issue347Error => Issue347OutsideChunks == 0
        ? null : $"{Issue347OutsideChunks} chunks start at the block's max time (prometheus/tsdb issue 347)";

    public string? OutOfOrderChunksError => OutOfOrderChunks == 0
        ? null : $"{OutOfOrderSeries} of {Series} series have chunks out of order: {OutOfOrderChunks}, and {DuplicatedChunks} that are there twice";

    public string? OutOfOrderLabelsError => OutOfOrderLabels == 0 ? null : $"{OutOfOrderLabels} series have labels out of order";

    /// <summary>Any of the errors, the worst first; null = healthy.</summary>
    public string? AnyError => CriticalError ?? Issue347Error ?? OutOfOrderChunksError ?? OutOfOrderLabelsError;

    /// <summary>Reads every series of an index.</summary>
    /// <param name="maxMs">The block's max time, which is the first millisecond after it.</param>
    /// <exception cref="TsdbCorruptionException">
    /// The index is damaged where it was read, series are out of order, or one has no labels or no chunks.
    /// </exception>
    public static IndexHealth Gather(IndexReader index, long minMs, long maxMs, CancellationToken cancellationToken)
    {
        var health = new IndexHealth();
        var entry = new SeriesEntry();
        LabelRef[] last = [];
        uint lastSeries = 0;
        long seriesMax = 0, chunkMax = 0;
        foreach (uint series in index.ReadPostings(index.Postings.All))
        {
            cancellationToken.ThrowIfCancellationRequested();
            index.ReadSeries(series, entry, long.MinValue, long.MaxValue);
            if (entry.LabelSpan.IsEmpty) throw new TsdbCorruptionException(index.Path, index.OffsetOf(series), $"series {series} has no labels");
            if (entry.ChunkSpan.IsEmpty) throw new TsdbCorruptionException(index.Path, index.OffsetOf(series), $"series {series} has no chunks");
            if (health.Series > 0 && LabelRef.Compare(entry.LabelSpan, last) <= 0)
                throw new TsdbCorruptionException(index.Path, index.OffsetOf(series), $"series {series} is out of order");
            if (health.Series > 0) seriesMax = Math.Max(seriesMax, index.OffsetOf(series) - index.OffsetOf(lastSeries));
            health.Take(entry, minMs, maxMs, ref chunkMax);
            last = entry.LabelSpan.ToArray();
            lastSeries = series;
        }

        health.IndexStats = new IndexStats(seriesMax, chunkMax);
        return health;
    }

    private void Take(SeriesEntry entry, long minMs, long maxMs, ref long chunkMax)
    {
        Series++;
        ReadOnlySpan<LabelRef> labels = entry.LabelSpan;
        for (var i = 1; i < labels.Length; i++)
        {
            // Symbols are sorted, so references of names compare as the names do.
            if (labels[i].Name >= labels[i - 1].Name) continue;
            OutOfOrderLabels++;
            break;
        }

        ReadOnlySpan<ChunkMeta> chunks = entry.ChunkSpan;
        Chunks += chunks.Length;
        long before = OutOfOrderChunks;
        for (var i = 0; i < chunks.Length; i++)
        {
            ChunkMeta chunk = chunks[i];
            if (chunk.MinTimeMs < minMs || chunk.MaxTimeMs > maxMs)
            {
                OutsideChunks++;
                if (chunk.MinTimeMs > maxMs || chunk.MaxTimeMs < minMs) CompleteOutsideChunks++;
                else if (chunk.MinTimeMs == maxMs) Issue347OutsideChunks++;
            }

            if (i == 0) continue;
            if (chunk.MinTimeMs == chunks[i - 1].MinTimeMs && chunk.MaxTimeMs == chunks[i - 1].MaxTimeMs) DuplicatedChunks++;
            else if (chunks[i - 1].MaxTimeMs >= chunk.MinTimeMs) OutOfOrderChunks++;
        }

        if (OutOfOrderChunks > before) OutOfOrderSeries++;
        for (var i = 0; i < chunks.Length - 2; i++)
            if (chunks[i].Segment == chunks[i + 1].Segment) chunkMax = Math.Max(chunkMax, (long)chunks[i + 1].Offset - chunks[i].Offset);
    }
}
