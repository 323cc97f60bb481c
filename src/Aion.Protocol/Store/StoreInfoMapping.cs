using Aion.Model;
using Aion.Storage;
using InfoApi = Aion.Protocol.Wire.InfoApi;

namespace Aion.Protocol;

/// <summary>Which services a component has beside the store; each is announced by an empty sub-message.</summary>
[Flags]
public enum ServedApis
{
    None = 0,
    Store = 1 << 0,
    Rules = 1 << 1,
    MetricMetadata = 1 << 2,
    Targets = 1 << 3,
    Exemplars = 1 << 4,
    Query = 1 << 5,
    Status = 1 << 6,
}

/// <summary><see cref="StoreInfo"/> to and from <c>thanos.info.InfoResponse</c>.</summary>
public static class StoreInfoMapping
{
    public static InfoApi.InfoResponse ToWire(StoreInfo info, ServedApis served)
    {
        var wire = new InfoApi.InfoResponse { ComponentType = info.Component };
        foreach (var labels in info.LabelSets) wire.LabelSets.Add(ToWire(labels));
        if (served.HasFlag(ServedApis.Store))
        {
            wire.Store = new InfoApi.StoreInfo
            {
                MinTime = info.MinTimeMs,
                MaxTime = info.MaxTimeMs,
                SupportsSharding = info.SupportsSharding,
                SupportsWithoutReplicaLabels = info.SupportsWithoutReplicaLabels,
            };
            foreach (var tsdb in info.TsdbInfos)
                wire.Store.TsdbInfos.Add(new InfoApi.TSDBInfo { Labels = ToWire(tsdb.Labels), MinTime = tsdb.MinTimeMs, MaxTime = tsdb.MaxTimeMs });
        }

        if (served.HasFlag(ServedApis.Rules)) wire.Rules = new InfoApi.RulesInfo();
        if (served.HasFlag(ServedApis.MetricMetadata)) wire.MetricMetadata = new InfoApi.MetricMetadataInfo();
        if (served.HasFlag(ServedApis.Targets)) wire.Targets = new InfoApi.TargetsInfo();
        if (served.HasFlag(ServedApis.Exemplars)) wire.Exemplars = new InfoApi.ExemplarsInfo();
        if (served.HasFlag(ServedApis.Query)) wire.Query = new InfoApi.QueryAPIInfo();
        if (served.HasFlag(ServedApis.Status)) wire.Status = new InfoApi.StatusInfo();
        return wire;
    }

    /// <summary>What a peer says of itself. Empty label sets are dropped; a peer without a store has an empty time range.</summary>
    public static StoreInfo ToModel(InfoApi.InfoResponse wire)
    {
        var labelSets = new List<Labels>(wire.LabelSets.Count);
        foreach (var set in wire.LabelSets)
            if (ToModel(set) is { IsEmpty: false } labels) labelSets.Add(labels);
        var tsdbs = new List<TsdbInfo>();
        foreach (var tsdb in wire.Store?.TsdbInfos ?? [])
            tsdbs.Add(new TsdbInfo(tsdb.Labels is null ? Labels.Empty : ToModel(tsdb.Labels), tsdb.MinTime, tsdb.MaxTime));
        return new StoreInfo
        {
            Component = wire.ComponentType,
            LabelSets = labelSets,
            MinTimeMs = wire.Store?.MinTime ?? long.MaxValue,
            MaxTimeMs = wire.Store?.MaxTime ?? long.MinValue,
            SupportsSharding = wire.Store?.SupportsSharding ?? false,
            SupportsWithoutReplicaLabels = wire.Store?.SupportsWithoutReplicaLabels ?? false,
            TsdbInfos = tsdbs,
        };
    }

    public static ServedApis ServedBy(InfoApi.InfoResponse wire) =>
        (wire.Store is null ? 0 : ServedApis.Store)
        | (wire.Rules is null ? 0 : ServedApis.Rules)
        | (wire.MetricMetadata is null ? 0 : ServedApis.MetricMetadata)
        | (wire.Targets is null ? 0 : ServedApis.Targets)
        | (wire.Exemplars is null ? 0 : ServedApis.Exemplars)
        | (wire.Query is null ? 0 : ServedApis.Query)
        | (wire.Status is null ? 0 : ServedApis.Status);

    private static Wire.ZLabelSet ToWire(Labels labels)
    {
        var set = new Wire.ZLabelSet();
        foreach (var (name, value) in labels.Pairs()) set.Labels.Add(new Wire.Label { Name = name, Value = value });
        return set;
    }

    private static Labels ToModel(Wire.ZLabelSet set)
    {
        var builder = new LabelsBuilder();
        foreach (var label in set.Labels) builder.Set(label.Name, label.Value);
        return builder.ToLabels();
    }
}
