using Aion.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Aion.StoreGateway;

/// <summary>How index items are cached; see reference/config-files.md §2.1.</summary>
/// <param name="MaxBytes">What the cache may take, overhead included.</param>
/// <param name="MaxItemBytes">Larger items are not kept.</param>
/// <param name="Items">What is kept; empty for everything.</param>
public sealed record IndexCacheConfig(long MaxBytes, long MaxItemBytes, IReadOnlyList<string> Items)
{
    private const long DefaultMaxBytes = 250L << 20;
    private const long DefaultMaxItemBytes = 125L << 20;

    /// <summary>A cache in memory of so many bytes that keeps everything.</summary>
    public static IndexCacheConfig OfSize(long maxBytes) => new(maxBytes, Math.Min(maxBytes, DefaultMaxItemBytes), []);

    /// <summary>Reads the configuration file's text.</summary>
    /// <exception cref="FormatException">Names the field that is wrong, or the kind of cache that is not built.</exception>
    public static IndexCacheConfig Parse(string yaml)
    {
        YamlMappingNode root = Load(yaml);
        RefuseUnknown(root, "", "type", "config", "enabled_items", "ttl");
        string type = Text(root, "type") ?? "";
        switch (type.ToUpperInvariant())
        {
            case "IN-MEMORY":
                break;
            case "REDIS" or "MEMCACHED":
                throw new FormatException($"index cache: type {type} is not built yet; IN-MEMORY is");
            default:
                throw new FormatException($"index cache with type {type} is not supported");
        }

        if (Text(root, "ttl") is { } ttl && !GoDuration.TryParse(ttl, days: false, out _, out string? error)) throw new FormatException($"index cache: ttl: {error}");
        YamlMappingNode config = Map(root, "config");
        RefuseUnknown(config, "config.", "max_size", "max_item_size");
        long max = Size(config, "max_size") ?? DefaultMaxBytes;
        // Only an item size that was asked for can be too large; the default follows the cache's.
        long maxItem = Size(config, "max_item_size") ?? Math.Min(DefaultMaxItemBytes, max);
        if (maxItem > max) throw new FormatException($"index cache: max item size ({maxItem}) cannot be bigger than overall cache size ({max})");
        return new IndexCacheConfig(max, maxItem, EnabledItems(root));
    }

    internal bool Keeps(IndexItem item) => Items.Count == 0 || Items.Contains(item.ToString());

    private static List<string> EnabledItems(YamlMappingNode root)
    {
        var items = new List<string>();
        if (Find(root, "enabled_items") is not { } node) return items;
        if (node is not YamlSequenceNode sequence) throw new FormatException($"index cache: line {node.Start.Line}: enabled_items must be a list");
        foreach (YamlNode item in sequence)
        {
            string name = (item as YamlScalarNode)?.Value ?? "";
            if (!Enum.GetNames<IndexItem>().Contains(name)) throw new FormatException($"index cache: unsupported item type {name}");
            items.Add(name);
        }

        return items;
    }

    private static YamlMappingNode Load(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new FormatException($"parsing index cache config YAML: line {e.Start.Line}: {e.Message}", e);
        }

        if (stream.Documents.Count == 0) return [];
        return stream.Documents[0].RootNode as YamlMappingNode ?? throw new FormatException("parsing index cache config YAML: it must be a mapping");
    }

    private static void RefuseUnknown(YamlMappingNode node, string path, params ReadOnlySpan<string> known)
    {
        foreach (YamlNode key in node.Children.Keys)
            if (key is not YamlScalarNode { Value: { } name } || !known.Contains(name))
                throw new FormatException($"parsing index cache config YAML: line {key.Start.Line}: field {path}{key} is not known");
    }

    private static YamlMappingNode Map(YamlMappingNode node, string field) => Find(node, field) switch
    {
        null => [],
        YamlMappingNode map => map,
        var other => throw new FormatException($"index cache: line {other.Start.Line}: {field} must be a mapping"),
    };

    private static long? Size(YamlMappingNode node, string field)
    {
        if (Text(node, field) is not { } text) return null;
        if (!ByteSize.TryParse(text, out long bytes, out string? error)) throw new FormatException($"index cache: config.{field}: {error}");
        return bytes == 0 ? null : bytes;
    }

    private static string? Text(YamlMappingNode node, string field) => Find(node, field) switch
    {
        null => null,
        YamlScalarNode scalar => scalar.Value,
        var other => throw new FormatException($"index cache: line {other.Start.Line}: {field} must be a text"),
    };

    /// <summary>The field's node; null when it is missing or has no value.</summary>
    private static YamlNode? Find(YamlMappingNode node, string field) =>
        node.Children.TryGetValue(new YamlScalarNode(field), out YamlNode? found)
        && found is not YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" } ? found : null;
}
