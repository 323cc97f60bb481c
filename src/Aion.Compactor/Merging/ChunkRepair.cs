using Aion.Model;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>What was wrong with a chunk or a series of a source block.</summary>
public enum RepairKind
{
    /// <summary>Checksum, length or place of the chunk's bytes are wrong; the chunk is left out.</summary>
    Corrupt,

    /// <summary>The bytes are whole, but no samples come out of them; the chunk is left out.</summary>
    Undecodable,

    /// <summary>An encoding that is not known, or one that can't be merged with what it overlaps; the chunk is left out.</summary>
    UnknownEncoding,

    /// <summary>Samples lie outside the block's time range; these are left out, the others kept.</summary>
    OutOfRange,

    /// <summary>The chunk starts before the one before it has ended; nothing is lost, the series is sorted and merged.</summary>
    OutOfOrder,

    /// <summary>The same chunk twice in one series of one block; it is written once.</summary>
    Duplicate,

    /// <summary>Samples inside a chunk do not ascend in time; they are sorted, of equal times the first is kept.</summary>
    OutOfOrderSamples,

    /// <summary>The labels of a series are out of order; they are sorted (<c>--debug.accept-malformed-index</c>).</summary>
    OutOfOrderLabels,

    /// <summary>The series come in another order than their labels'; they are sorted.</summary>
    OutOfOrderSeries,

    /// <summary>A series without labels or without chunks; it is left out.</summary>
    EmptySeries,
}

/// <summary>One repair of a merge or of a downsampling.</summary>
/// <param name="Block">The source block.</param>
/// <param name="Series">Labels of the series.</param>
/// <param name="Chunk">As the source's index has it; default for a repair of a whole series.</param>
/// <param name="Reason">For logs and the quarantine record.</param>
/// <param name="Bytes">
/// The chunk as it was found, from its length field on, for the quarantine; empty where nothing is lost or nothing could be read. Valid
/// only during <see cref="IRepairSink.Report"/>.
/// </param>
public readonly record struct ChunkRepair(
    BlockId Block, Labels Series, ChunkMeta Chunk, RepairKind Kind, string Reason, ReadOnlyMemory<byte> Bytes);

/// <summary>Takes repairs, to count, log and keep them. Called from one thread at a time, in series order.</summary>
public interface IRepairSink
{
    void Report(in ChunkRepair repair);
}
