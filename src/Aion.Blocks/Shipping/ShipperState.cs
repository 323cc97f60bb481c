using System.Buffers;
using System.Text.Json;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Blocks;

/// <summary>
/// <c>thanos.shipper.json</c> beside the blocks: which of them are in the bucket. Prometheus may read it too, to keep what is not.
/// A note to save requests, no truth: the bucket decides.
/// </summary>
public sealed record ShipperState(IReadOnlyList<BlockId> Uploaded)
{
    public const string DefaultFileName = "thanos.shipper.json";
    private const int Version1 = 1;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, IndentCharacter = '\t', IndentSize = 1, NewLine = "\n" };

    public static ShipperState Empty { get; } = new([]);

    /// <summary>The state, or an empty one with the reason where the file is not there or not usable.</summary>
    public static ShipperState Read(string path, out string? reason)
    {
        reason = null;
        try
        {
            if (!File.Exists(path)) return Empty;
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is BlockMetaException or IOException or UnauthorizedAccessException)
        {
            reason = e.Message;
            return Empty;
        }
    }

    /// <exception cref="BlockMetaException">The text is no such file.</exception>
    public static ShipperState Parse(ReadOnlyMemory<byte> utf8, string origin)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            var fields = new JsonFields(document.RootElement, origin, "");
            long version = fields.Int64("version");
            if (version != Version1) throw new BlockMetaException(BlockMetaError.Version, $"{origin}: unexpected version {version}, only {Version1} is known");
            return new ShipperState(fields.Blocks("uploaded"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BlockMetaException(BlockMetaError.Corrupt, $"{origin}: no valid JSON: {e.Message}", e);
        }
    }

    public byte[] ToUtf8()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version1);
            if (Uploaded.Count == 0)
            {
                json.WriteNull("uploaded");
            }
            else
            {
                json.WriteStartArray("uploaded");
                foreach (BlockId id in Uploaded) json.WriteStringValue(id.ToString());
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    public void Write(string path) => DurableFile.WriteAllBytes(path, ToUtf8());
}
