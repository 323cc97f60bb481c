using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Aion.Model;

namespace Aion.Blocks;

/// <summary>Writes meta.json in the form that Thanos writes: its field order, tabs, Go's escapes, a newline at the end.</summary>
public static class BlockMetaWriter
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        IndentCharacter = '\t',
        IndentSize = 1,
        NewLine = "\n",
        Encoder = GoJsonEncoder.Instance,
    };

    public static byte[] ToUtf8(BlockMeta meta)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            Write(json, meta);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, BlockMeta meta)
    {
        json.WriteStartObject();
        json.WriteString("ulid", meta.Id.ToString());
        json.WriteNumber("minTime", meta.MinTimeMs);
        json.WriteNumber("maxTime", meta.MaxTimeMs);
        WriteStats(json, meta.Stats);
        WriteCompaction(json, meta.Compaction);
        json.WriteNumber("version", BlockMeta.Version1);
        WriteThanos(json, meta.Thanos);
        json.WriteEndObject();
    }

    private static void WriteStats(Utf8JsonWriter json, BlockStats stats)
    {
        json.WriteStartObject("stats");
        WriteUnlessZero(json, "numSamples", stats.Samples);
        WriteUnlessZero(json, "numFloatSamples", stats.FloatSamples);
        WriteUnlessZero(json, "numHistogramSamples", stats.HistogramSamples);
        WriteUnlessZero(json, "numSeries", stats.Series);
        WriteUnlessZero(json, "numChunks", stats.Chunks);
        WriteUnlessZero(json, "numTombstones", stats.Tombstones);
        json.WriteEndObject();
    }

    private static void WriteCompaction(Utf8JsonWriter json, BlockCompaction compaction)
    {
        json.WriteStartObject("compaction");
        json.WriteNumber("level", compaction.Level);
        WriteUnlessEmpty(json, "sources", compaction.Sources.Select(s => s.ToString()));
        if (compaction.Deletable) json.WriteBoolean("deletable", true);
        if (compaction.Parents.Count > 0)
        {
            json.WriteStartArray("parents");
            foreach (ParentBlock parent in compaction.Parents)
            {
                json.WriteStartObject();
                json.WriteString("ulid", parent.Id.ToString());
                json.WriteNumber("minTime", parent.MinTimeMs);
                json.WriteNumber("maxTime", parent.MaxTimeMs);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (compaction.Failed) json.WriteBoolean("failed", true);
        WriteUnlessEmpty(json, "hints", compaction.Hints);
        json.WriteEndObject();
    }

    private static void WriteThanos(Utf8JsonWriter json, ThanosMeta thanos)
    {
        json.WriteStartObject("thanos");
        if (thanos.Version != 0) json.WriteNumber("version", thanos.Version);
        json.WriteStartObject("labels");
        foreach (LabelPair label in thanos.Labels) json.WriteString(Encoding.UTF8.GetString(label.Name), Encoding.UTF8.GetString(label.Value));
        json.WriteEndObject();
        json.WriteStartObject("downsample");
        json.WriteNumber("resolution", thanos.ResolutionMs);
        json.WriteEndObject();
        json.WriteString("source", thanos.Source);
        WriteUnlessEmpty(json, "segment_files", thanos.SegmentFiles);
        WriteFiles(json, thanos.Files);
        if (thanos.Rewrites is { } rewrites)
        {
            json.WritePropertyName("rewrites");
            rewrites.WriteTo(json);
        }

        json.WriteStartObject("index_stats");
        WriteUnlessZero(json, "series_max_size", (ulong)thanos.IndexStats.SeriesMaxSizeBytes);
        WriteUnlessZero(json, "chunk_max_size", (ulong)thanos.IndexStats.ChunkMaxSizeBytes);
        json.WriteEndObject();
        if (thanos.Extensions is { } extensions)
        {
            json.WritePropertyName("extensions");
            extensions.WriteTo(json);
        }

        json.WriteString("upload_time", Time(thanos.UploadTime ?? DateTimeOffset.MinValue));
        json.WriteEndObject();
    }

    private static void WriteFiles(Utf8JsonWriter json, IReadOnlyList<BlockFile> files)
    {
        if (files.Count == 0) return;
        json.WriteStartArray("files");
        foreach (BlockFile file in files)
        {
            json.WriteStartObject();
            json.WriteString("rel_path", file.RelativePath);
            WriteUnlessZero(json, "size_bytes", (ulong)file.SizeBytes);
            if (file.Hash is { } hash)
            {
                json.WriteStartObject("hash");
                json.WriteString("hashFunc", hash.Function);
                json.WriteString("value", hash.Value);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteUnlessZero(Utf8JsonWriter json, string name, ulong value)
    {
        if (value != 0) json.WriteNumber(name, value);
    }

    private static void WriteUnlessEmpty(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        string[] array = [.. values];
        if (array.Length == 0) return;
        json.WriteStartArray(name);
        foreach (string value in array) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    // RFC 3339 with as many digits as there are, as Go prints a time.
    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
