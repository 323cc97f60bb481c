using System.Buffers;
using System.Text.Json;
using Aion.Model;

namespace Aion.Blocks;

/// <summary>The markers that may lie beside a block's meta.json.</summary>
[Flags]
public enum BlockMarks
{
    None = 0,
    Deletion = 1,
    NoCompact = 2,
    NoDownsample = 4,
}

/// <summary>The block goes, a delay after this time; readers stop using it before.</summary>
public sealed record DeletionMark(BlockId Id, DateTimeOffset DeletionTime, string Details = "");

/// <param name="Reason">One of <see cref="NoCompactReason"/>.</param>
public sealed record NoCompactMark(BlockId Id, DateTimeOffset Time, string Reason, string Details = "");

public sealed record NoDownsampleMark(BlockId Id, DateTimeOffset Time, string Reason, string Details = "");

/// <summary>The words for why a block is not compacted.</summary>
public static class NoCompactReason
{
    public const string Manual = "manual";

    public const string IndexSizeExceeding = "index-size-exceeding";

    public const string OutOfOrderChunk = "block-index-out-of-order-chunk";

    public const string DownsampleVerticalCompaction = "downsample-vertical-compaction";
}

/// <summary>The marker files: compact JSON, times in whole seconds.</summary>
public static class BlockMarkJson
{
    public const int MaxBytes = 1024 * 1024;
    private const int Version1 = 1;

    private static readonly JsonWriterOptions Compact = new() { Encoder = GoJsonEncoder.Instance };

    /// <exception cref="BlockMetaException">The text is no such marker.</exception>
    public static DeletionMark ParseDeletion(ReadOnlyMemory<byte> utf8, string origin) =>
        Parse(utf8, origin, f => new DeletionMark(f.Block("id"), Seconds(f, "deletion_time"), f.Text("details")));

    /// <exception cref="BlockMetaException">The text is no such marker.</exception>
    public static NoCompactMark ParseNoCompact(ReadOnlyMemory<byte> utf8, string origin) =>
        Parse(utf8, origin, f => new NoCompactMark(f.Block("id"), Seconds(f, "no_compact_time"), f.Text("reason"), f.Text("details")));

    /// <exception cref="BlockMetaException">The text is no such marker.</exception>
    public static NoDownsampleMark ParseNoDownsample(ReadOnlyMemory<byte> utf8, string origin) =>
        Parse(utf8, origin, f => new NoDownsampleMark(f.Block("id"), Seconds(f, "no_downsample_time"), f.Text("reason"), f.Text("details")));

    public static byte[] ToUtf8(DeletionMark mark) => Write(mark.Id, mark.Details, "deletion_time", mark.DeletionTime, null);

    public static byte[] ToUtf8(NoCompactMark mark) => Write(mark.Id, mark.Details, "no_compact_time", mark.Time, mark.Reason);

    public static byte[] ToUtf8(NoDownsampleMark mark) => Write(mark.Id, mark.Details, "no_downsample_time", mark.Time, mark.Reason);

    private static byte[] Write(BlockId id, string details, string timeField, DateTimeOffset time, string? reason)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            json.WriteString("id", id.ToString());
            json.WriteNumber("version", Version1);
            if (details.Length > 0) json.WriteString("details", details);
            json.WriteNumber(timeField, time.ToUnixTimeSeconds());
            if (reason is not null) json.WriteString("reason", reason);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static T Parse<T>(ReadOnlyMemory<byte> utf8, string origin, Func<JsonFields, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            var fields = new JsonFields(document.RootElement, origin, "");
            long version = fields.Int64("version");
            if (version != Version1) throw new BlockMetaException(BlockMetaError.Version, $"{origin}: unexpected version {version}, only {Version1} is known");
            return read(fields);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BlockMetaException(BlockMetaError.Corrupt, $"{origin}: no valid JSON: {e.Message}", e);
        }
    }

    private static DateTimeOffset Seconds(JsonFields fields, string name) => DateTimeOffset.FromUnixTimeSeconds(
        fields.Int64(name, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
}
