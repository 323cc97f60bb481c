using System.Collections.Frozen;
using Aion.Model;
using Aion.Storage;

namespace Aion.Sidecar;

/// <summary>What is known of the Prometheus beside the sidecar: published whole, read without waiting. Thread-safe.</summary>
public sealed class PrometheusMetadata(TimeOrDuration minTime, TimeProvider time, bool needsExternalLabels = true)
{
    private Snapshot _snapshot = new(Labels.Empty, default, null, FrozenSet<string>.Empty);

    public Labels ExternalLabels => Volatile.Read(ref _snapshot).ExternalLabels;

    public PrometheusVersion Version => Volatile.Read(ref _snapshot).Version;

    /// <summary>Whether some series stores a label of one of these names, or one that is named as an external label.</summary>
    public bool StoresExternalOr(IReadOnlyList<string> names)
    {
        Snapshot known = Volatile.Read(ref _snapshot);
        return names.Any(known.StoredNames.Contains) || known.ExternalLabels.Pairs().Any(label => known.StoredNames.Contains(label.Key));
    }

    /// <summary>The oldest sample served: what Prometheus has, but not before the flag's bound.</summary>
    public long MinTimeMs => Math.Max(minTime.ResolveMs(time), Volatile.Read(ref _snapshot).LowestTimestampMs ?? long.MinValue);

    public StoreInfo Info
    {
        get
        {
            Labels labels = ExternalLabels;
            long min = MinTimeMs;
            return new StoreInfo
            {
                Component = "sidecar",
                LabelSets = labels.IsEmpty ? [] : [labels],
                MinTimeMs = min,
                MaxTimeMs = long.MaxValue,
                TsdbInfos = [new TsdbInfo(labels, min, long.MaxValue)],
            };
        }
    }

    /// <summary>Asks everything anew. On failure what was known stays.</summary>
    /// <exception cref="StoreException">Prometheus can't be asked, or has no external labels.</exception>
    public async Task RefreshAsync(PrometheusClient client, CancellationToken cancellationToken)
    {
        PrometheusVersion version = await client.VersionAsync(cancellationToken);
        long? lowest = await client.LowestTimestampMsAsync(cancellationToken);
        Labels labels = await client.ExternalLabelsAsync(cancellationToken);
        if (labels.IsEmpty && needsExternalLabels) throw new NoExternalLabelsException();
        PrometheusAnswer<string> names = await client.LabelNamesAsync([], long.MinValue, long.MaxValue, limit: 0, cancellationToken);
        Volatile.Write(ref _snapshot, new Snapshot(labels, version, lowest, names.Data.ToFrozenSet(StringComparer.Ordinal)));
    }

    private sealed record Snapshot(Labels ExternalLabels, PrometheusVersion Version, long? LowestTimestampMs, FrozenSet<string> StoredNames);
}

/// <summary>Prometheus is well, but its data could not be told from that of others.</summary>
public sealed class NoExternalLabelsException() : Exception(
    "no external labels configured on Prometheus server, uniquely identifying external labels must be configured: "
    + "set global.external_labels in the Prometheus configuration (for example cluster and replica) and reload it");
