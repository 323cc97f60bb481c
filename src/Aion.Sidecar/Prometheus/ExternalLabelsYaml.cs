using Aion.Model;
using Aion.Storage;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Aion.Sidecar;

/// <summary>Finds <c>global.external_labels</c> in a Prometheus configuration.</summary>
internal static class ExternalLabelsYaml
{
    /// <exception cref="StoreException">The text is no YAML, or the labels are no map of text.</exception>
    public static Labels Parse(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw Bad($"line {e.Start.Line}: {e.Message}");
        }

        if (stream.Documents.Count == 0 || Child(stream.Documents[0].RootNode, "global") is not { } global) return Labels.Empty;
        if (Child(global, "external_labels") is not { } node) return Labels.Empty;
        if (node is not YamlMappingNode labels) return node is YamlScalarNode { Value: "" or "null" or "~" } ? Labels.Empty : throw Bad("global.external_labels is no map");

        var builder = new LabelsBuilder();
        foreach (KeyValuePair<YamlNode, YamlNode> label in labels.Children)
        {
            if (label is not { Key: YamlScalarNode { Value: { } name }, Value: YamlScalarNode { Value: { } value } })
                throw Bad($"line {label.Key.Start.Line}: an external label is no text");
            builder.Set(name, value);
        }

        return builder.ToLabels();
    }

    private static YamlNode? Child(YamlNode node, string name) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(name), out YamlNode? child) ? child : null;

    private static StoreException Bad(string reason) =>
        new(StoreErrorKind.Internal, $"the configuration that Prometheus shows can't be read: {reason}");
}
