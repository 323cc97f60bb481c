using System.Globalization;
using System.Text;
using System.Text.Json;
using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>
/// Keeps in the bucket what was repaired or set aside: <c>aion/quarantine/&lt;block&gt;.jsonl</c>, a JSON object a line. For repairs the block
/// is the new one; a block that was set aside whole has <c>&lt;block&gt;.block.jsonl</c> and a no-compact mark.
/// </summary>
internal sealed class Quarantine(IBucket bucket, BlockMarker marker, CompactorMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>Reason in the no-compact or no-downsample mark of a block that was set aside.</summary>
    public const string MarkReason = "quarantined";

    /// <summary>The repairs from which a block came.</summary>
    public static string KeyOf(BlockId block) => $"aion/quarantine/{block}.jsonl";

    /// <summary>Why a block was set aside; apart from the above, which may hold the only copy of chunks that were left out.</summary>
    public static string KeyOfBlock(BlockId block) => $"aion/quarantine/{block}.block.jsonl";

    /// <summary>Stores the records of a job; call before its sources are marked.</summary>
    public async Task StoreAsync(BlockId result, RepairLog repairs, CancellationToken cancellationToken)
    {
        if (repairs.Complete() is not { } path) return;
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        await bucket.UploadAsync(KeyOf(result), file, cancellationToken);
        logger.Info("stored the repairs of a block", [("block", result), ("repairs", repairs.Count), ("lost_chunks", repairs.LossCount), ("key", KeyOf(result))]);
    }

    /// <summary>Sets a whole block aside: it stays as it is and is read by queries as far as it can be, but is not touched again.</summary>
    /// <param name="forDownsampling">It can't be downsampled; it may still be merged.</param>
    public async Task SetAsideAsync(BlockId block, string reason, bool forDownsampling, CancellationToken cancellationToken)
    {
        string line = JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["block"] = block.ToString(),
            ["kind"] = "block",
            ["reason"] = reason,
            ["time"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });
        await bucket.UploadAsync(KeyOfBlock(block), Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
        if (forDownsampling) await marker.MarkNoDownsampleAsync(block, MarkReason, reason, cancellationToken);
        else await marker.MarkNoCompactAsync(block, MarkReason, reason, cancellationToken);
        string file = forDownsampling ? BlockLayout.NoDownsampleMarkFile : BlockLayout.NoCompactMarkFile;
        metrics.BlocksMarked.WithLabels(file, MarkReason).Inc();
        metrics.QuarantinedBlocks.Inc();
        logger.Error("a damaged block is set aside; it stays in the bucket and is left alone", [("block", block), ("reason", reason), ("key", KeyOfBlock(block)), ("mark", file)]);
    }
}
