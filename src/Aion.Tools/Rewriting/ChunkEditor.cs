using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Tools;

/// <summary>A chunk with what is deleted of its time.</summary>
/// <param name="Deleted">Closed, ascending, apart from each other.</param>
internal readonly record struct EditedChunk(ChunkMeta Meta, Chunk Chunk, TimeRange[] Deleted)
{
    public bool IsUntouched => !TimeRanges.Touch(Deleted, Meta.MinTimeMs, Meta.MaxTimeMs);
}

/// <summary>
/// Makes the chunks of one series out of those of one or more. Chunks that nothing is deleted from and that nothing overlaps are passed on
/// as they are; the others are decoded, merged (of equal times the first counts) and encoded anew in their own encoding.
/// </summary>
internal static class ChunkEditor
{
    /// <param name="chunks">Of the series that become one, in order of preference.</param>
    /// <exception cref="TsdbCorruptionException">A chunk that has to be decoded is damaged.</exception>
    public static List<SeriesChunk> Edit(IEnumerable<EditedChunk> chunks)
    {
        List<SeriesChunk> result = [];
        List<EditedChunk> run = [];
        long end = long.MinValue;
        // A stable sort: of chunks that begin together the preferred one comes first.
        foreach (EditedChunk chunk in chunks.Where(c => !TimeRanges.Cover(c.Deleted, c.Meta.MinTimeMs, c.Meta.MaxTimeMs)).OrderBy(c => c.Meta.MinTimeMs))
        {
            if (run.Count > 0 && chunk.Meta.MinTimeMs > end)
            {
                Flush(run, result);
                end = long.MinValue;
            }

            run.Add(chunk);
            end = Math.Max(end, chunk.Meta.MaxTimeMs);
        }

        Flush(run, result);
        return result;
    }

    private static void Flush(List<EditedChunk> run, List<SeriesChunk> result)
    {
        if (run.Count == 0) return;
        if (run is [{ IsUntouched: true } single]) result.Add(new SeriesChunk(single.Meta.MinTimeMs, single.Meta.MaxTimeMs, single.Chunk));
        else if (run.TrueForAll(c => c.Chunk.Encoding == ChunkEncoding.Aggregate)) result.AddRange(AggregateEditor.Edit(run));
        else if (run.Exists(c => c.Chunk.Encoding == ChunkEncoding.Aggregate)) throw new TsdbCorruptionException("chunks", 0, "a downsampled chunk overlaps one that is not");
        else result.AddRange(SeriesSample.Encode(Samples(run)));
        run.Clear();
    }

    private static List<SeriesSample> Samples(List<EditedChunk> run)
    {
        SortedDictionary<long, SeriesSample> samples = [];
        foreach (EditedChunk chunk in run)
            foreach (SeriesSample sample in SeriesSample.Of(chunk.Chunk))
                if (!TimeRanges.Hold(chunk.Deleted, sample.TimeMs)) samples.TryAdd(sample.TimeMs, sample);
        return [.. samples.Values];
    }
}
