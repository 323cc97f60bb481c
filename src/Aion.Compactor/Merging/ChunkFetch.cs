using System.Runtime.InteropServices;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>Reads the chunks of a batch in large pieces and checks each: place, length, checksum, encoding, sample count.</summary>
internal static class ChunkFetch
{
    /// <summary>Chunks this far apart are read in one piece.</summary>
    public const int MaxGapBytes = 64 * 1024;

    /// <summary>What is read behind a chunk when the next one's place is not known.</summary>
    private const int TailBytes = 16 * 1024;

    public static void Read(SeriesBatch batch, IReadOnlyList<SourceBlock> sources)
    {
        for (var source = 0; source < sources.Count; source++)
        {
            ReadOnlySpan<int> order = CollectionsMarshal.AsSpan(batch.BySource[source]);
            for (var from = 0; from < order.Length;) from = ReadExtent(batch, sources[source].Segments, source, order, from);
        }
    }

    /// <summary>Reads the chunks that lie together, starting with the one at <paramref name="from"/>; returns the next to read.</summary>
    private static int ReadExtent(SeriesBatch batch, ChunkSegmentFiles files, int source, ReadOnlySpan<int> order, int from)
    {
        Span<ChunkSlot> chunks = CollectionsMarshal.AsSpan(batch.Chunks);
        ChunkMeta first = chunks[order[from]].Meta;
        if (first.Segment < 0 || first.Segment >= files.Count || first.Offset < ChunkRecord.SegmentHeaderBytes
            || first.Offset >= files.LengthOf(first.Segment))
        {
            string reason = first.Segment < 0 || first.Segment >= files.Count
                ? $"segment {first.Segment + 1L} of {files.Count} is not there"
                : $"the reference leads to byte {first.Offset} of a file of {files.LengthOf(first.Segment)}";
            batch.Report(chunks[order[from]], RepairKind.Corrupt, reason);
            return from + 1;
        }

        int to = from + 1;
        while (to < order.Length && Follows(chunks[order[to - 1]].Meta.Ref, chunks[order[to]].Meta.Ref)) to++;
        ulong lastRef = chunks[order[to - 1]].Meta.Ref;
        ulong next = to < order.Length ? chunks[order[to]].Meta.Ref : batch.Tails[source];
        long tail = Follows(lastRef, next) ? (long)(next - lastRef) : TailBytes;
        long end = Math.Min(files.LengthOf(first.Segment), (uint)lastRef + tail);
        int start = batch.Input.Length;
        var length = (int)(end - first.Offset);
        int read = files.Read(first.Segment, first.Offset, batch.Input.Add(length));
        batch.Input.Cut(start + read);
        batch.Counts.BytesRead += read;
        for (int i = from; i < to; i++)
        {
            ref ChunkSlot chunk = ref chunks[order[i]];
            ulong following = i + 1 < order.Length ? chunks[order[i + 1]].Meta.Ref : next;
            int offset = start + (int)(chunk.Meta.Offset - first.Offset);
            Check(batch, files, ref chunk, offset, start + read - offset, following);
        }

        return to;
    }

    private static bool Follows(ulong reference, ulong next) => next > reference && next - reference <= MaxGapBytes && next >> 32 == reference >> 32;

    private static void Check(SeriesBatch batch, ChunkSegmentFiles files, ref ChunkSlot chunk, int offset, int available, ulong following)
    {
        chunk.Offset = offset;
        chunk.Length = Math.Max(0, Math.Min(available, TailBytes));
        if (available <= 0)
        {
            batch.Report(chunk, RepairKind.Corrupt, "the file ends before the chunk");
            return;
        }

        try
        {
            if (!ChunkRecord.TryRead(batch.Input.Slice(offset, available), out Chunk found, out long needed))
            {
                long room = files.LengthOf(chunk.Meta.Segment) - chunk.Meta.Offset;
                // A damaged length must not make room for what can't be a chunk: the next one starts before its end.
                if (following >> 32 == (ulong)chunk.Meta.Segment && following > chunk.Meta.Ref)
                    room = Math.Min(room, (long)(following - chunk.Meta.Ref));
                if (needed == 0 || needed > room)
                    throw new TsdbCorruptionException("", 0, $"a chunk of {needed} bytes where there is room for {room}");
                chunk.Offset = batch.Input.Length;
                int read = files.Read(chunk.Meta.Segment, chunk.Meta.Offset, batch.Input.Add((int)needed));
                batch.Counts.BytesRead += read;
                chunk.Length = read;
                ChunkRecord.TryRead(batch.Input.Slice(chunk.Offset, read), out found, out needed);
            }

            chunk.Length = (int)needed;
            chunk.Encoding = found.Encoding;
            chunk.DataLength = found.Data.Length;
            chunk.DataOffset = chunk.Offset + chunk.Length - sizeof(uint) - chunk.DataLength;
            CheckContent(batch, ref chunk, found);
        }
        catch (TsdbCorruptionException e)
        {
            batch.Report(chunk, RepairKind.Corrupt, e.Reason);
        }
    }

    private static void CheckContent(SeriesBatch batch, ref ChunkSlot chunk, Chunk found)
    {
        if (found.Encoding is not (>= ChunkEncoding.Xor and <= ChunkEncoding.FloatHistogramSt or ChunkEncoding.Aggregate))
        {
            batch.Report(chunk, RepairKind.UnknownEncoding, $"encoding {(byte)found.Encoding} is not known");
            return;
        }

        int samples;
        try
        {
            samples = ChunkDecoder.SampleCount(found);
        }
        catch (TsdbCorruptionException e)
        {
            batch.Report(chunk, RepairKind.Undecodable, e.Reason);
            return;
        }

        bool hollow = samples == 0 && (found.Encoding != ChunkEncoding.Aggregate || AggregateParts.IsHollow(AggregateChunkCodec.Split(found)));
        if (hollow || chunk.Meta.MinTimeMs > chunk.Meta.MaxTimeMs)
        {
            batch.Report(chunk, RepairKind.Undecodable, hollow ? "a chunk without samples" : "the chunk ends before it starts");
            return;
        }

        batch.Counts.SourceSamples += samples;
        chunk.IsUsable = true;
    }
}
