using Aion.Model;
using Aion.Storage;
using Hints = Aion.Protocol.Wire.Hints;

namespace Aion.Protocol;

/// <summary>Requests and answers for label names and values to and from the wire.</summary>
public static class LabelsRequestMapping
{
    /// <exception cref="StoreException">Invalid argument: a bad matcher or bad hints.</exception>
    public static LabelNamesRequest ToModel(Wire.LabelNamesRequest request, bool readHints, IMatcherCache? cache = null) => new()
    {
        MinTimeMs = request.Start,
        MaxTimeMs = request.End,
        Matchers = MatcherMapping.ToModel(request.Matchers, cache),
        PartialResponse = SelectRequestMapping.StrategyOf(request.PartialResponseDisabled, request.PartialResponseStrategy),
        WithoutReplicaLabels = [.. request.WithoutReplicaLabels],
        Limit = Math.Max(0, request.Limit),
        BlockMatchers = readHints ? MatcherMapping.BlockMatchersOfNames(request.Hints) : [],
    };

    /// <exception cref="StoreException">Invalid argument: a bad matcher or bad hints.</exception>
    public static LabelValuesRequest ToModel(Wire.LabelValuesRequest request, bool readHints, IMatcherCache? cache = null) => new()
    {
        Label = request.Label,
        MinTimeMs = request.Start,
        MaxTimeMs = request.End,
        Matchers = MatcherMapping.ToModel(request.Matchers, cache),
        PartialResponse = SelectRequestMapping.StrategyOf(request.PartialResponseDisabled, request.PartialResponseStrategy),
        WithoutReplicaLabels = [.. request.WithoutReplicaLabels],
        Limit = Math.Max(0, request.Limit),
        BlockMatchers = readHints ? MatcherMapping.BlockMatchersOfValues(request.Hints) : [],
    };

    public static Wire.LabelNamesRequest ToWire(LabelNamesRequest request)
    {
        var wire = new Wire.LabelNamesRequest
        {
            Start = request.MinTimeMs,
            End = request.MaxTimeMs,
            PartialResponseStrategy = SelectRequestMapping.ToWire(request.PartialResponse),
            Limit = request.Limit,
        };
        wire.WithoutReplicaLabels.Add(request.WithoutReplicaLabels);
        foreach (var matcher in request.Matchers) wire.Matchers.Add(MatcherMapping.ToWire(matcher));
        if (request.BlockMatchers.Count == 0) return wire;
        var hints = new Hints.LabelNamesRequestHints();
        foreach (var matcher in request.BlockMatchers) hints.BlockMatchers.Add(MatcherMapping.ToWire(matcher));
        wire.Hints = MatcherMapping.Pack(hints);
        return wire;
    }

    public static Wire.LabelValuesRequest ToWire(LabelValuesRequest request)
    {
        var wire = new Wire.LabelValuesRequest
        {
            Label = request.Label,
            Start = request.MinTimeMs,
            End = request.MaxTimeMs,
            PartialResponseStrategy = SelectRequestMapping.ToWire(request.PartialResponse),
            Limit = request.Limit,
        };
        wire.WithoutReplicaLabels.Add(request.WithoutReplicaLabels);
        foreach (var matcher in request.Matchers) wire.Matchers.Add(MatcherMapping.ToWire(matcher));
        if (request.BlockMatchers.Count == 0) return wire;
        var hints = new Hints.LabelValuesRequestHints();
        foreach (var matcher in request.BlockMatchers) hints.BlockMatchers.Add(MatcherMapping.ToWire(matcher));
        wire.Hints = MatcherMapping.Pack(hints);
        return wire;
    }

    public static Wire.LabelNamesResponse ToNames(LabelsAnswer answer)
    {
        var wire = new Wire.LabelNamesResponse { Names = { answer.Values }, Warnings = { answer.Warnings } };
        if (answer.QueriedBlocks is not { } blocks) return wire;
        var hints = new Hints.LabelNamesResponseHints();
        foreach (string id in blocks) hints.QueriedBlocks.Add(new Hints.Block { Id = id });
        wire.Hints = MatcherMapping.Pack(hints);
        return wire;
    }

    public static Wire.LabelValuesResponse ToValues(LabelsAnswer answer)
    {
        var wire = new Wire.LabelValuesResponse { Values = { answer.Values }, Warnings = { answer.Warnings } };
        if (answer.QueriedBlocks is not { } blocks) return wire;
        var hints = new Hints.LabelValuesResponseHints();
        foreach (string id in blocks) hints.QueriedBlocks.Add(new Hints.Block { Id = id });
        wire.Hints = MatcherMapping.Pack(hints);
        return wire;
    }

    /// <summary>The answer as received, still to be sorted and made unique by whoever merges it.</summary>
    public static LabelsAnswer ToModel(Wire.LabelNamesResponse response) => new([.. response.Names], [.. response.Warnings]);

    /// <summary>The answer as received, still to be sorted and made unique by whoever merges it.</summary>
    public static LabelsAnswer ToModel(Wire.LabelValuesResponse response) => new([.. response.Values], [.. response.Warnings]);
}
