using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Aion.ObjectStorage;

/// <summary>The document behind <c>--objstore.config</c>: which kind of bucket, its settings, and a prefix for all keys.</summary>
public sealed record BucketConfig
{
    private static readonly string[] NotYet = ["S3", "GCS", "AZURE", "SWIFT", "COS", "ALIYUNOSS", "BOS", "OCI", "OBS"];

    private BucketConfig(FilesystemBucketConfig filesystem, string prefix, IReadOnlyList<string> warnings)
    {
        Filesystem = filesystem;
        Prefix = prefix;
        Warnings = warnings;
    }

    public FilesystemBucketConfig Filesystem { get; }

    /// <summary>Without slashes at its ends; empty = none.</summary>
    public string Prefix { get; }

    /// <summary>What the file says that has no effect; to be logged once.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <exception cref="BucketConfigException">The text is no such document; the message names the field and the line.</exception>
    public static BucketConfig Parse(string yaml)
    {
        ConfigNode root = ConfigNode.Parse(yaml);
        root.RefuseUnknown("type", "config", "prefix");
        string type = root.Text("type") ?? "";
        string upper = type.ToUpperInvariant();
        if (NotYet.Contains(upper))
            throw new BucketConfigException($"bucket with type {upper} is not supported yet by Aion (field type); supported: FILESYSTEM");
        if (upper != "FILESYSTEM")
            throw new BucketConfigException($"bucket with type {type} is not supported");
        ConfigNode config = root.Map("config");
        string directory = config.Text("directory") ?? "";
        if (directory.Length == 0)
            throw new BucketConfigException("create FILESYSTEM client: missing directory for filesystem bucket (field config.directory)");
        return new BucketConfig(new FilesystemBucketConfig(directory), CheckPrefix(root.Text("prefix") ?? ""), config.Unknown("directory"));
    }

    private static string CheckPrefix(string prefix)
    {
        string trimmed = prefix.Trim('/');
        if (trimmed.Length > 0 && !ObjectKey.IsValid(trimmed))
            throw new BucketConfigException($"parsing config YAML file: field prefix: \"{prefix}\" has an empty, \".\" or \"..\" segment");
        return trimmed;
    }
}

/// <param name="Directory">Relative to the working directory, or absolute.</param>
public sealed record FilesystemBucketConfig(string Directory);

/// <summary>The object store configuration is not valid.</summary>
public sealed class BucketConfigException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A YAML mapping with its place in the file, read field by field.</summary>
internal sealed class ConfigNode(YamlMappingNode? mapping, string path)
{
    public static ConfigNode Parse(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new BucketConfigException($"parsing config YAML file: yaml: line {e.Start.Line}: {e.Message}", e);
        }

        if (stream.Documents.Count == 0) return new ConfigNode(null, "");
        return new ConfigNode(AsMapping(stream.Documents[0].RootNode, ""), "");
    }

    public string? Text(string field)
    {
        YamlNode? node = Find(field);
        if (node is null) return null;
        if (node is YamlScalarNode scalar) return IsNull(scalar) ? null : scalar.Value;
        throw new BucketConfigException($"parsing config YAML file: line {node.Start.Line}: field {path}{field} must be a text");
    }

    public ConfigNode Map(string field)
    {
        YamlNode? node = Find(field);
        return new ConfigNode(node is null ? null : AsMapping(node, path + field), path + field + ".");
    }

    public void RefuseUnknown(params string[] known)
    {
        IReadOnlyList<string> unknown = Unknown(known);
        if (unknown.Count > 0) throw new BucketConfigException("parsing config YAML file: " + string.Join("; ", unknown));
    }

    public IReadOnlyList<string> Unknown(params string[] known)
    {
        var unknown = new List<string>();
        if (mapping is null) return unknown;
        foreach (YamlNode key in mapping.Children.Keys)
            if (key is not YamlScalarNode { Value: { } name } || !known.Contains(name))
                unknown.Add($"line {key.Start.Line}: field {path}{key} is not known");
        return unknown;
    }

    private YamlNode? Find(string field) =>
        mapping is not null && mapping.Children.TryGetValue(new YamlScalarNode(field), out YamlNode? node) ? node : null;

    private static YamlMappingNode? AsMapping(YamlNode node, string where) => node switch
    {
        YamlMappingNode found => found,
        YamlScalarNode scalar when IsNull(scalar) => null,
        _ => throw new BucketConfigException($"parsing config YAML file: line {node.Start.Line}: {(where.Length == 0 ? "the document" : "field " + where)} must be a mapping"),
    };

    private static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "null" or "~" or "Null" or "NULL";
}
