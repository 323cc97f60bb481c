namespace Aion.Storage;

/// <summary>Bytes that answers hold, for budgets and batch sizes.</summary>
public static class SeriesSizes
{
    /// <summary>Fixed cost of one entry beside its data.</summary>
    private const int ChunkOverhead = 64;

    private const int AggregatesOverhead = 216;

    public static long Of(in SeriesChunk chunk) =>
        ChunkOverhead + (chunk.Downsampled is null ? 0 : AggregatesOverhead) + DataOf(chunk);

    /// <summary>The bytes of the samples alone.</summary>
    public static long DataOf(in SeriesChunk chunk)
    {
        long size = chunk.Raw.Data.Length;
        if (chunk.Downsampled is not { } parts) return size;
        return size + parts.Count.Data.Length + parts.Sum.Data.Length + parts.Min.Data.Length + parts.Max.Data.Length + parts.Counter.Data.Length;
    }

    public static long Of(ChunkSeries series)
    {
        long size = series.Labels.SizeBytes + 32L;
        for (var i = 0; i < series.Chunks.Count; i++) size += Of(series.Chunks[i]);
        return size;
    }

    public static long Of(SeriesFrame frame)
    {
        long size = 0;
        for (var i = 0; i < frame.Series.Count; i++) size += Of(frame.Series[i]);
        for (var i = 0; i < frame.Warnings.Count; i++) size += 2L * frame.Warnings[i].Length;
        return size;
    }
}
