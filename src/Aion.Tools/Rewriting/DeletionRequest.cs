using System.Globalization;
using Aion.Model;
using Aion.PromQL;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Aion.Tools;

/// <summary>What is to be deleted from a block.</summary>
/// <param name="Matchers">Which series: all must match.</param>
/// <param name="Intervals">Closed; none = the whole series.</param>
/// <param name="RequestId">Who asked, for the new block's meta; may be empty.</param>
internal sealed record DeletionRequest(IReadOnlyList<LabelMatcher> Matchers, IReadOnlyList<TimeRange> Intervals, string RequestId)
{
    public bool Selects(Labels labels) => Matchers.All(m => m.Matches(labels));

    /// <summary>Reads a list of <c>matchers</c> (a PromQL selector), <c>intervals</c> of <c>mint</c> and <c>maxt</c>, and <c>request_id</c>.</summary>
    /// <exception cref="FormatException">Says what is wrong, and on which line.</exception>
    public static IReadOnlyList<DeletionRequest> ParseAll(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new FormatException($"line {e.Start.Line}: {e.Message}", e);
        }

        if (stream.Documents.Count == 0) return [];
        return stream.Documents[0].RootNode is YamlSequenceNode list
            ? [.. list.Select(Parse)]
            : throw Wrong(stream.Documents[0].RootNode, "a list of deletions is expected");
    }

    private static DeletionRequest Parse(YamlNode node)
    {
        if (node is not YamlMappingNode fields) throw Wrong(node, "a deletion must be a mapping");
        DeletionRequest request = new([], [], "");
        foreach (var (key, value) in fields)
        {
            request = Text(key) switch
            {
                "matchers" => request with { Matchers = Selector(value) },
                "intervals" => request with { Intervals = value is YamlSequenceNode list ? [.. list.Select(Interval)] : throw Wrong(value, "intervals must be a list") },
                "request_id" => request with { RequestId = Text(value) },
                var other => throw Wrong(key, $"field {other} is not known"),
            };
        }

        // A deletion of everything is asked for in another way: by deleting the block.
        return request.Matchers.Count > 0 ? request : throw Wrong(node, "matchers are missing");
    }

    private static IReadOnlyList<LabelMatcher> Selector(YamlNode node)
    {
        string text = Text(node);
        try
        {
            return PromQLParser.ParseMetricSelector(text);
        }
        catch (PromQLParseException e)
        {
            throw new FormatException($"line {node.Start.Line}: parse metric selector {text}: {e.Message}", e);
        }
    }

    private static TimeRange Interval(YamlNode node)
    {
        if (node is not YamlMappingNode fields) throw Wrong(node, "an interval must be a mapping of mint and maxt");
        long? min = null, max = null;
        foreach (var (key, value) in fields)
        {
            if (!long.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long time))
                throw Wrong(value, $"{Text(key)} must be a time in milliseconds since 1970");
            if (Text(key) == "mint") min = time;
            else if (Text(key) == "maxt") max = time;
            else throw Wrong(key, $"field {Text(key)} is not known");
        }

        if (min is null || max is null) throw Wrong(node, "an interval needs mint and maxt");
        return min <= max ? new TimeRange(min.Value, max.Value) : throw Wrong(node, $"mint {min} is after maxt {max}");
    }

    private static string Text(YamlNode node) => (node as YamlScalarNode)?.Value ?? throw Wrong(node, "a text is expected");

    private static FormatException Wrong(YamlNode node, string what) => new($"line {node.Start.Line}: {what}");
}
