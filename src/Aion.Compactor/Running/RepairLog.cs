using System.Text;
using System.Text.Json;
using Aion.Hosting;
using Aion.Model;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>
/// Takes the repairs of one job: counts them, logs the first, and writes all that lose data and the first of the others to a local file, to
/// be stored by <see cref="Quarantine"/>. Not thread-safe.
/// </summary>
internal sealed class RepairLog(string path, CompactorOptions options, ILogger logger) : IRepairSink, IDisposable
{
    private const int LoggedRepairs = 20;
    private const int KeptHarmless = 10_000;

    private readonly Dictionary<RepairKind, long> _counts = [];
    private FileStream? _file;
    private long _harmless;

    public long Count { get; private set; }

    /// <summary>Repairs that left something out.</summary>
    public long LossCount { get; private set; }

    public IReadOnlyDictionary<RepairKind, long> Counts => _counts;

    /// <summary>For the verification of what came of the job.</summary>
    public KnownRepairs Known { get; } = new();

    /// <summary>The block of the first repair that left something out; null when there was none.</summary>
    public BlockId? FirstDamaged { get; private set; }

    /// <exception cref="OutOfOrderBlockException">The operator asked for such blocks to be left alone.</exception>
    /// <exception cref="JobException">The operator asked for a halt.</exception>
    public void Report(in ChunkRepair repair)
    {
        if (repair.Kind == RepairKind.OutOfOrder && options.SkipsOutOfOrderBlocks)
            throw new OutOfOrderBlockException(repair.Block, $"series {repair.Series}: {repair.Reason}");
        if (options.Halting != HaltMode.Never)
            throw new JobException(JobFailure.Halt, $"block {repair.Block}, series {repair.Series}: {repair.Reason} (--debug.halt-on-error)");
        Count++;
        _counts[repair.Kind] = _counts.GetValueOrDefault(repair.Kind) + 1;
        Known.Add(repair);
        bool isLoss = IsLoss(repair.Kind);
        if (isLoss) FirstDamaged ??= repair.Block;
        if (isLoss) LossCount++;
        else _harmless++;
        if (isLoss || _harmless <= KeptHarmless) Write(repair);
        if (Count <= LoggedRepairs)
            logger.Warn("repaired", [("kind", repair.Kind), ("block", repair.Block), ("series", repair.Series), ("reason", repair.Reason)]);
        else if (Count == LoggedRepairs + 1)
            logger.Warn("more repairs of this job are counted and kept, not logged");
    }

    /// <summary>The file with the records, closed; null when there are none.</summary>
    public string? Complete()
    {
        if (_file is null) return null;
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        return path;
    }

    /// <summary>Forgets everything: the job starts again.</summary>
    public void Reset()
    {
        Dispose();
        _counts.Clear();
        Known.Clear();
        FirstDamaged = null;
        Count = LossCount = _harmless = 0;
    }

    public void Dispose()
    {
        if (_file is null) return;
        _file.Dispose();
        File.Delete(path);
        _file = null;
    }

    private static bool IsLoss(RepairKind kind) =>
        kind is RepairKind.Corrupt or RepairKind.Undecodable or RepairKind.UnknownEncoding or RepairKind.OutOfRange or RepairKind.EmptySeries;

    private void Write(in ChunkRepair repair)
    {
        _file ??= new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        using (var json = new Utf8JsonWriter(_file))
        {
            json.WriteStartObject();
            json.WriteString("block", repair.Block.ToString());
            json.WriteString("kind", repair.Kind.ToString());
            json.WriteString("reason", repair.Reason);
            json.WriteStartObject("series");
            foreach (LabelPair label in repair.Series) json.WriteString(Encoding.UTF8.GetString(label.Name), Encoding.UTF8.GetString(label.Value));
            json.WriteEndObject();
            json.WriteNumber("minTime", repair.Chunk.MinTimeMs);
            json.WriteNumber("maxTime", repair.Chunk.MaxTimeMs);
            json.WriteNumber("ref", repair.Chunk.Ref);
            if (!repair.Bytes.IsEmpty) json.WriteBase64String("bytes", repair.Bytes.Span);
            json.WriteEndObject();
        }

        _file.WriteByte((byte)'\n');
    }
}

/// <summary>A block has chunks out of order and is to be left alone (<c>--compact.skip-block-with-out-of-order-chunks</c>).</summary>
internal sealed class OutOfOrderBlockException(BlockId block, string reason) : Exception(reason)
{
    public BlockId Block { get; } = block;
}
