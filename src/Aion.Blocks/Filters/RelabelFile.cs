using System.Globalization;
using Aion.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Aion.Blocks;

/// <summary>Reads relabelling rules from YAML: a list of rules, no unknown fields (reference/config-files.md).</summary>
public static class RelabelFile
{
    /// <exception cref="FormatException">Names the line and the field that is wrong.</exception>
    public static IReadOnlyList<RelabelConfig> Parse(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new FormatException($"parsing relabel configuration: line {e.Start.Line}: {e.Message}", e);
        }

        if (stream.Documents.Count == 0) return [];
        return stream.Documents[0].RootNode switch
        {
            YamlSequenceNode rules => [.. rules.Select(RuleOf)],
            YamlScalarNode scalar when IsNull(scalar) => [],
            var other => throw Wrong(other, "the document must be a list of rules"),
        };
    }

    /// <summary>Rules that select blocks; only keep, drop and hashmod make sense there.</summary>
    /// <inheritdoc cref="Parse" path="/exception"/>
    public static RelabelRules ParseSelector(string yaml)
    {
        IReadOnlyList<RelabelConfig> configs = Parse(yaml);
        // Compiled first: a rule that is wrong in itself is told as that.
        RelabelRules rules = RelabelRules.Compile(configs);
        foreach (RelabelConfig config in configs)
        {
            if (config.Action is not (RelabelAction.Keep or RelabelAction.Drop or RelabelAction.HashMod))
                throw new FormatException($"unsupported relabel action: {RelabelConfig.NameOf(config.Action)}");
        }

        return rules;
    }

    private static RelabelConfig RuleOf(YamlNode node)
    {
        if (node is not YamlMappingNode fields) throw Wrong(node, "a rule must be a mapping");
        var config = new RelabelConfig();
        foreach ((YamlNode key, YamlNode value) in fields)
        {
            string name = (key as YamlScalarNode)?.Value ?? "";
            // Where a text is null it is empty, not the default.
            bool isNull = value is YamlScalarNode scalar && IsNull(scalar);
            config = name switch
            {
                "source_labels" => isNull ? config : config with { SourceLabels = Names(value) },
                "separator" => config with { Separator = isNull ? "" : Text(value, name) },
                "regex" => isNull ? config : config with { Regex = Text(value, name) },
                "modulus" => isNull ? config : config with { Modulus = Number(value, name) },
                "target_label" => isNull ? config : config with { TargetLabel = Text(value, name) },
                "replacement" => config with { Replacement = isNull ? "" : Text(value, name) },
                "action" => config with { Action = ActionOf(value) },
                _ => throw Wrong(key, $"field {key} is not known"),
            };
        }

        return config;
    }

    private static string[] Names(YamlNode node) => node is YamlSequenceNode names
        ? [.. names.Select(n => Text(n, "source_labels"))]
        : throw Wrong(node, "field source_labels must be a list");

    private static string Text(YamlNode node, string field) =>
        node is YamlScalarNode { Value: { } text } ? text : throw Wrong(node, $"field {field} must be a text");

    private static ulong Number(YamlNode node, string field)
    {
        string text = Text(node, field);
        bool isHex = text.StartsWith("0x", StringComparison.Ordinal);
        NumberStyles style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        return node is YamlScalarNode { Style: ScalarStyle.Plain } && ulong.TryParse(isHex ? text.AsSpan(2) : text, style, CultureInfo.InvariantCulture, out ulong number)
            ? number
            : throw Wrong(node, $"field {field} must be a whole number from 0 to {ulong.MaxValue}");
    }

    private static RelabelAction ActionOf(YamlNode node)
    {
        try
        {
            return RelabelConfig.ParseAction(Text(node, "action"));
        }
        catch (FormatException e)
        {
            throw Wrong(node, e.Message);
        }
    }

    private static bool IsNull(YamlScalarNode scalar) => scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "null" or "~" or "Null" or "NULL";

    private static FormatException Wrong(YamlNode node, string what) => new($"parsing relabel configuration: line {node.Start.Line}: {what}");
}
