using System.Buffers;
using System.Text.Json;
using Aion.Model;

namespace Aion.Tools;

/// <summary>The <c>rewrites</c> of a meta.json: what was done to the block's data, and what it was made of. Field names are Thanos's.</summary>
internal static class RewriteHistory
{
    /// <summary>The history with one more entry.</summary>
    public static JsonElement With(JsonElement? before, BlockId source, IReadOnlyList<DeletionRequest> deletions, IReadOnlyList<RelabelConfig> relabels)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartArray();
            if (before is { ValueKind: JsonValueKind.Array } entries)
                foreach (JsonElement entry in entries.EnumerateArray()) entry.WriteTo(json);
            json.WriteStartObject();
            json.WriteStartArray("sources");
            json.WriteStringValue(source.ToString());
            json.WriteEndArray();
            if (deletions.Count > 0) WriteDeletions(json, deletions);
            if (relabels.Count > 0) WriteRelabels(json, relabels);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    private static void WriteDeletions(Utf8JsonWriter json, IReadOnlyList<DeletionRequest> deletions)
    {
        json.WriteStartArray("deletions_applied");
        foreach (DeletionRequest deletion in deletions)
        {
            json.WriteStartObject();
            json.WriteStartArray("matchers");
            foreach (LabelMatcher matcher in deletion.Matchers)
            {
                json.WriteStartObject();
                // The numbers are Prometheus's.
                json.WriteNumber("Type", (int)matcher.Type);
                json.WriteString("Name", matcher.Name);
                json.WriteString("Value", matcher.Value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (deletion.Intervals.Count > 0)
            {
                json.WriteStartArray("intervals");
                foreach (TimeRange interval in deletion.Intervals)
                {
                    json.WriteStartObject();
                    json.WriteNumber("Mint", interval.MinMs);
                    json.WriteNumber("Maxt", interval.MaxMs);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            if (deletion.RequestId.Length > 0) json.WriteString("request_id", deletion.RequestId);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRelabels(Utf8JsonWriter json, IReadOnlyList<RelabelConfig> relabels)
    {
        json.WriteStartArray("relabels_applied");
        foreach (RelabelConfig config in relabels)
        {
            json.WriteStartObject();
            if (config.SourceLabels is { Count: > 0 } sources)
            {
                json.WriteStartArray("source_labels");
                foreach (string source in sources) json.WriteStringValue(source);
                json.WriteEndArray();
            }

            if (config.Separator.Length > 0) json.WriteString("separator", config.Separator);
            json.WriteString("regex", config.Regex ?? RelabelConfig.DefaultRegex);
            if (config.Modulus != 0) json.WriteNumber("modulus", config.Modulus);
            if (config.TargetLabel.Length > 0) json.WriteString("target_label", config.TargetLabel);
            if (config.Replacement.Length > 0) json.WriteString("replacement", config.Replacement);
            json.WriteString("action", RelabelConfig.NameOf(config.Action));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
