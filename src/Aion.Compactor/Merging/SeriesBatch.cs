using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>
/// Some series on their way from the sources to the output: what is to be read, the bytes, and what came of them. Reused; used by one
/// thread at a time.
/// </summary>
internal sealed class SeriesBatch
{
    public SeriesBatch(int sources, MemoryBudget budget)
    {
        BySource = new List<int>[sources];
        for (var i = 0; i < sources; i++) BySource[i] = [];
        Tails = new ulong[sources];
        Input = new BudgetedBytes(budget, "chunks that were read");
        Output = new BudgetedBytes(budget, "chunks to be written");
    }

    /// <summary>Labels of all series, one after another.</summary>
    public List<LabelRef> Labels { get; } = [];

    public List<SeriesSlot> Series { get; } = [];

    public List<ChunkSlot> Chunks { get; } = [];

    /// <summary>Per source, positions of its chunks in <see cref="Chunks"/>, in the order of the index.</summary>
    public List<int>[] BySource { get; }

    /// <summary>Per source, where the chunk after the batch's last one starts; 0 = not known.</summary>
    public ulong[] Tails { get; }

    public BudgetedBytes Input { get; }

    public BudgetedBytes Output { get; }

    public List<OutputChunk> Results { get; } = [];

    public List<PendingRepair> Repairs { get; } = [];

    public MergeCounts Counts { get; } = new();

    public void Clear()
    {
        Labels.Clear();
        Series.Clear();
        Chunks.Clear();
        foreach (List<int> chunks in BySource) chunks.Clear();
        Array.Clear(Tails);
        Input.Clear();
        Output.Clear();
        Results.Clear();
        Repairs.Clear();
        Counts.Clear();
    }

    public ReadOnlyMemory<byte> BytesOf(in OutputChunk chunk) => (chunk.IsEncoded ? Output : Input).Slice(chunk.Offset, chunk.Length);

    public void Report(in ChunkSlot chunk, RepairKind kind, string reason, bool withBytes = true) => Repairs.Add(
        new PendingRepair(chunk.Source, chunk.Series, chunk.Meta, kind, reason, chunk.Offset, withBytes ? chunk.Length : 0));
}

/// <summary>One series of a batch: its stretch of labels, chunks and results.</summary>
internal struct SeriesSlot
{
    public int LabelsFrom;
    public int LabelCount;
    public int ChunksFrom;
    public int ChunkCount;
    public int ResultsFrom;
    public int ResultCount;
}

/// <summary>A chunk of a source, and where its record lies in the batch's input.</summary>
internal struct ChunkSlot
{
    public int Source;
    public uint Series;
    public ChunkMeta Meta;
    public int Offset;

    /// <summary>0 = not read yet, or not readable.</summary>
    public int Length;
    public bool IsUsable;
    public ChunkEncoding Encoding;
    public int DataOffset;
    public int DataLength;
}

/// <param name="Offset">In the batch's output when encoded, else in its input.</param>
internal readonly record struct OutputChunk(long MinTimeMs, long MaxTimeMs, int Offset, int Length, bool IsEncoded);

/// <summary>A repair before its series' labels are looked up.</summary>
internal readonly record struct PendingRepair(
    int Source, uint Series, ChunkMeta Chunk, RepairKind Kind, string Reason, int Offset, int Length);

/// <summary>What a merge counts as it goes.</summary>
internal sealed class MergeCounts
{
    public long SourceSamples;
    public long Copied;
    public long Encoded;
    public long Duplicates;
    public long BytesRead;

    public void Clear() => SourceSamples = Copied = Encoded = Duplicates = BytesRead = 0;

    public void Add(MergeCounts other)
    {
        SourceSamples += other.SourceSamples;
        Copied += other.Copied;
        Encoded += other.Encoded;
        Duplicates += other.Duplicates;
        BytesRead += other.BytesRead;
    }
}
