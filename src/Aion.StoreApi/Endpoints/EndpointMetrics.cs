using System.Text;
using Aion.Hosting;
using Aion.Model;
using Prometheus;

namespace Aion.StoreApi;

/// <summary>Healthy endpoints by what they are, and addresses that were configured twice.</summary>
internal sealed class EndpointMetrics
{
    private const int MaxLabelBytes = 1000;

    private readonly IReadOnlyList<string> _labels;
    private readonly Gauge _connections;
    private readonly Counter _duplicates;
    private HashSet<string> _shown = [];

    public EndpointMetrics(MetricsRegistry metrics, IReadOnlyList<string> labels)
    {
        _labels = labels;
        _connections = metrics.Factory.CreateGauge(
            "thanos_store_nodes_grpc_connections", "Number of healthy endpoints with a Store API, by what they announce.", [.. labels]);
        _duplicates = metrics.Factory.CreateCounter(
            "thanos_query_duplicated_endpoint_addresses_total", "Number of times an endpoint's address was given twice.");
    }

    public void Duplicate() => _duplicates.Inc();

    public void Show(IEnumerable<Endpoint> healthy)
    {
        var counts = new Dictionary<string, (string[] Values, int Count)>(StringComparer.Ordinal);
        foreach (Endpoint endpoint in healthy)
        {
            string[] values = [.. _labels.Select(label => ValueOf(label, endpoint))];
            string key = string.Join('\0', values);
            counts[key] = (values, counts.TryGetValue(key, out var seen) ? seen.Count + 1 : 1);
        }

        foreach (string gone in _shown.Where(key => !counts.ContainsKey(key))) _connections.RemoveLabelled(gone.Split('\0'));
        foreach ((string[] values, int count) in counts.Values) _connections.WithLabels(values).Set(count);
        _shown = [.. counts.Keys];
    }

    /// <summary>Label sets as the metric and log lines show them.</summary>
    public static string Describe(IReadOnlyList<Labels> labelSets) => string.Join(',', labelSets.Select(s => s.ToString()).Order(StringComparer.Ordinal));

    private static string ValueOf(string label, Endpoint endpoint) => label switch
    {
        "external_labels" => Cut(Describe(endpoint.Info.LabelSets)) is { Length: > 0 } sets ? sets : "no_external_labels",
        "store_type" => endpoint.Component,
        _ => endpoint.Spec.Address,
    };

    private static string Cut(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return utf8.Length <= MaxLabelBytes ? text : Encoding.UTF8.GetString(utf8.AsSpan(0, MaxLabelBytes)).TrimEnd('\uFFFD');
    }
}
