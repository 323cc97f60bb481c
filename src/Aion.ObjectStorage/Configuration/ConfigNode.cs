using System.Globalization;
using Aion.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Aion.ObjectStorage;

/// <summary>
/// A YAML mapping with its place in the file, read field by field. A field that is absent or null gives the default; one of the wrong
/// type is an error that names line and field.
/// </summary>
public sealed class ConfigNode
{
    private readonly YamlMappingNode? _mapping;
    private readonly string _path;

    private ConfigNode(YamlMappingNode? mapping, string path)
    {
        _mapping = mapping;
        _path = path;
    }

    /// <exception cref="BucketConfigException">The text is no YAML mapping, or repeats a field.</exception>
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
        catch (InvalidOperationException e)
        {
            // The scanner stumbles over some texts, such as a line of a {mapping} that starts in the first column.
            throw new BucketConfigException($"parsing config YAML file: yaml: {e.Message}", e);
        }

        if (stream.Documents.Count == 0) return new ConfigNode(null, "");
        return new ConfigNode(AsMapping(stream.Documents[0].RootNode, ""), "");
    }

    public string? Text(string field)
    {
        YamlNode? node = Find(field);
        if (node is null) return null;
        if (node is YamlScalarNode scalar) return IsNull(scalar) ? null : scalar.Value;
        throw Wrong(field, node, "must be a text");
    }

    /// <summary>The field's text, empty where there is none.</summary>
    public string TextOrEmpty(string field) => Text(field) ?? "";

    public bool Flag(string field, bool defaultValue = false) => Text(field) switch
    {
        null => defaultValue,
        "true" or "True" or "TRUE" or "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => true,
        "false" or "False" or "FALSE" or "n" or "N" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => false,
        { } other => throw Wrong(field, Find(field)!, $"must be true or false, got \"{other}\""),
    };

    /// <param name="lowest">The smallest number allowed.</param>
    public long Number(string field, long defaultValue, long lowest = 0, long highest = long.MaxValue)
    {
        if (Text(field) is not { } text) return defaultValue;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
            throw Wrong(field, Find(field)!, $"must be a whole number, got \"{text}\"");
        return value >= lowest && value <= highest
            ? value
            : throw Wrong(field, Find(field)!, $"must lie between {lowest} and {highest}, got {text}");
    }

    /// <summary>A duration as Prometheus writes it, such as <c>1m30s</c>.</summary>
    public TimeSpan Duration(string field, TimeSpan defaultValue)
    {
        if (Text(field) is not { } text) return defaultValue;
        return PrometheusDuration.TryParse(text, out TimeSpan value, out string? error) ? value : throw Wrong(field, Find(field)!, error!);
    }

    /// <summary>A duration as Go's library writes it, such as <c>1m30s</c> or <c>500ms</c>; a bare number counts nanoseconds.</summary>
    public TimeSpan GoDuration(string field, TimeSpan defaultValue)
    {
        if (Text(field) is not { } text) return defaultValue;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long bare)) return TimeSpan.FromTicks(bare / 100);
        return Aion.Model.GoDuration.TryParse(text, days: false, out long nanoseconds, out string? error)
            ? TimeSpan.FromTicks(nanoseconds / 100)
            : throw Wrong(field, Find(field)!, error!);
    }

    /// <summary>A size with its unit, such as <c>1MiB</c>, in bytes.</summary>
    public long Bytes(string field, long defaultValue)
    {
        if (Text(field) is not { } text) return defaultValue;
        if (!ByteSize.TryParse(text, out long bytes, out string? error)) throw Wrong(field, Find(field)!, error!);
        return bytes >= 0 ? bytes : throw Wrong(field, Find(field)!, $"must not be negative, got {text}");
    }

    /// <summary>A number with a fraction.</summary>
    public double Fraction(string field, double defaultValue)
    {
        if (Text(field) is not { } text) return defaultValue;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw Wrong(field, Find(field)!, $"must be a number, got \"{text}\"");
    }

    /// <summary>A list of texts; empty where the field is absent.</summary>
    public IReadOnlyList<string> List(string field)
    {
        YamlNode? node = Find(field);
        if (node is null || node is YamlScalarNode scalar && IsNull(scalar)) return [];
        if (node is not YamlSequenceNode sequence) throw Wrong(field, node, "must be a list");
        var texts = new List<string>();
        foreach (YamlNode item in sequence)
            texts.Add(item is YamlScalarNode { Value: { } text } one && !IsNull(one) ? text : throw Wrong(field, item, "must be a list of texts"));
        return texts;
    }

    /// <summary>A mapping of texts to texts; empty where the field is absent.</summary>
    public IReadOnlyDictionary<string, string> Texts(string field)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        ConfigNode map = Map(field);
        if (map._mapping is null) return texts;
        foreach (YamlNode key in map._mapping.Children.Keys)
        {
            if (key is not YamlScalarNode { Value: { } name }) throw Wrong(field, key, "must have texts as keys");
            texts.Add(name, map.TextOrEmpty(name));
        }

        return texts;
    }

    /// <summary>A mapping below this one; an empty one where the field is absent or null.</summary>
    public ConfigNode Map(string field)
    {
        YamlNode? node = Find(field);
        return new ConfigNode(node is null ? null : AsMapping(node, _path + field), _path + field + ".");
    }

    /// <summary>A list of mappings; empty where the field is absent.</summary>
    public IReadOnlyList<ConfigNode> Maps(string field)
    {
        YamlNode? node = Find(field);
        if (node is null || node is YamlScalarNode scalar && IsNull(scalar)) return [];
        if (node is not YamlSequenceNode sequence) throw Wrong(field, node, "must be a list");
        return [.. sequence.Select((item, i) => new ConfigNode(AsMapping(item, $"{_path}{field}[{i}]"), $"{_path}{field}[{i}]."))];
    }

    /// <exception cref="BucketConfigException">There are fields besides the known ones; the message names them with their lines.</exception>
    public void RefuseUnknown(params string[] known)
    {
        IReadOnlyList<string> unknown = Unknown(known);
        if (unknown.Count > 0) throw new BucketConfigException("parsing config YAML file: " + string.Join("; ", unknown));
    }

    public IReadOnlyList<string> Unknown(params string[] known)
    {
        var unknown = new List<string>();
        if (_mapping is null) return unknown;
        foreach (YamlNode key in _mapping.Children.Keys)
            if (key is not YamlScalarNode { Value: { } name } || !known.Contains(name))
                unknown.Add($"line {key.Start.Line}: field {_path}{key} is not known");
        return unknown;
    }

    /// <summary>An error about one of this mapping's fields.</summary>
    public BucketConfigException Error(string field, string problem)
    {
        YamlNode? node = Find(field);
        string line = node is null ? "" : $"line {node.Start.Line}: ";
        return new BucketConfigException($"{line}field {_path}{field}: {problem}");
    }

    private YamlNode? Find(string field) =>
        _mapping is not null && _mapping.Children.TryGetValue(new YamlScalarNode(field), out YamlNode? node) ? node : null;

    private BucketConfigException Wrong(string field, YamlNode node, string problem) =>
        new($"parsing config YAML file: line {node.Start.Line}: field {_path}{field} {problem}");

    private static YamlMappingNode? AsMapping(YamlNode node, string where) => node switch
    {
        YamlMappingNode found => found,
        YamlScalarNode scalar when IsNull(scalar) => null,
        _ => throw new BucketConfigException($"parsing config YAML file: line {node.Start.Line}: {(where.Length == 0 ? "the document" : "field " + where)} must be a mapping"),
    };

    private static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "null" or "~" or "Null" or "NULL";
}
