using Aion.Hosting;
using Aion.Protocol;
using Microsoft.Extensions.Logging;

namespace Aion.StoreApi;

/// <summary>
/// The endpoints of a querier: finds them, asks each in every round what it is, and keeps the list of those that answer (Q-1.2 … ).
/// One loop changes it; any thread may read.
/// </summary>
public sealed class EndpointSet : IAsyncDisposable
{
    private readonly EndpointDiscovery _discovery;
    private readonly EndpointSetOptions _options;
    private readonly GroupPeers _groups;
    private readonly EndpointMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _firstUpdate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(Endpoint Endpoint, DateTimeOffset Due)> _closing = [];
    private IReadOnlyList<Endpoint> _endpoints = [];
    private IReadOnlyList<StoreClient> _stores = [];

    /// <param name="groups">Connects to groups; a set without groups still needs one.</param>
    public EndpointSet(EndpointDiscovery discovery, GroupPeers groups, EndpointSetOptions options, ComponentContext context)
    {
        _discovery = discovery;
        _options = options;
        _groups = groups;
        _time = context.Time;
        _logger = context.Logger.With([("component", "endpointset")]);
        _metrics = new EndpointMetrics(context.Metrics, options.ConnectionLabels);
    }

    /// <summary>The stores that requests go to now; a snapshot.</summary>
    public IReadOnlyList<StoreClient> Stores => Volatile.Read(ref _stores);

    /// <summary>All endpoints of the list, by address.</summary>
    public IReadOnlyList<EndpointStatus> Statuses =>
        [.. Volatile.Read(ref _endpoints).Select(e => e.Status).OrderBy(s => s.Address, StringComparer.Ordinal)];

    /// <summary>Completes with the first round.</summary>
    public Task FirstUpdate => _firstUpdate.Task;

    /// <summary>The connections to healthy endpoints that serve an API, for the APIs beside the store.</summary>
    public IReadOnlyList<ApiPeer> PeersWith(ServedApis api) =>
        [.. Volatile.Read(ref _endpoints).Where(e => e.IsQueryable && e.Served.HasFlag(api)).Select(e => e.ToApi())];

    /// <summary>Runs rounds until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.InfoTimeout, _time);
        do
        {
            await UpdateAsync(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>One round: finds endpoints, asks all at once, publishes the outcome.</summary>
    public async Task UpdateAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, Endpoint> known = Volatile.Read(ref _endpoints).ToDictionary(e => Key(e.Spec), StringComparer.Ordinal);
        List<EndpointSpec> specs = Unique(await _discovery.FindAsync(cancellationToken));
        Endpoint[] all = [.. specs.Select(spec => known.Remove(Key(spec), out Endpoint? old) && old.Spec == spec ? old : Connect(spec, old)).OfType<Endpoint>()];
        string?[] errors = await Task.WhenAll(all.Select(e => e.CheckAsync(_options.InfoTimeout, _time, cancellationToken)));

        HashSet<Endpoint> before = [.. Volatile.Read(ref _endpoints)];
        var kept = new List<Endpoint>();
        for (var i = 0; i < all.Length; i++)
        {
            if (errors[i] is { } error) _logger.Warn("update of endpoint failed", [("err", error), ("address", all[i].Spec.Address)]);
            if (IsKept(all[i], isNew: !before.Contains(all[i]))) kept.Add(all[i]);
            else Retire(all[i], wasUsed: before.Contains(all[i]));
            if (errors[i] is null && !before.Contains(all[i])) LogNew(all[i]);
        }

        foreach (Endpoint gone in known.Values) Retire(gone, wasUsed: true);
        Publish(kept);
        CloseDue();
        _firstUpdate.TrySetResult();
    }

    public ValueTask DisposeAsync()
    {
        foreach (Endpoint endpoint in Volatile.Read(ref _endpoints)) endpoint.Dispose();
        foreach ((Endpoint endpoint, _) in _closing) endpoint.Dispose();
        Publish([]);
        _closing.Clear();
        return ValueTask.CompletedTask;
    }

    private static string Key(EndpointSpec spec) => (spec.IsGroup ? "group " : "") + spec.Address;

    /// <summary>Each address once; strict wins.</summary>
    private List<EndpointSpec> Unique(IReadOnlyList<EndpointSpec> found)
    {
        var unique = new List<EndpointSpec>();
        var at = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (EndpointSpec spec in found)
        {
            if (at.TryAdd(Key(spec), unique.Count))
            {
                unique.Add(spec);
                continue;
            }

            _logger.Warn("duplicated endpoint address", [("address", spec.Address)]);
            _metrics.Duplicate();
            if (spec.IsStrict) unique[at[Key(spec)]] = spec;
        }

        return unique;
    }

    /// <summary>Null when there is no way to connect: a wrong address or unusable TLS files.</summary>
    private Endpoint? Connect(EndpointSpec spec, Endpoint? replaced)
    {
        if (replaced is not null) Retire(replaced, wasUsed: true);
        GrpcClientOptions client = spec.Client ?? _options.Client;
        try
        {
            GrpcPeer peer = spec.IsGroup ? _groups.Connect(spec.Address, client) : new GrpcPeer(spec.Address, client);
            return new Endpoint(spec, peer, _time.GetUtcNow());
        }
        catch (InvalidDataException e)
        {
            _logger.Error("endpoint left out", [("address", spec.Address), ("err", e.Message)]);
            return null;
        }
    }

    private bool IsKept(Endpoint endpoint, bool isNew) =>
        endpoint.Spec.IsStrict || endpoint.IsHealthy || (!isNew && _time.GetUtcNow() - endpoint.LastSuccess < _options.UnhealthyTimeout);

    /// <summary>Calls may still run over the connection of an endpoint that was in use.</summary>
    private void Retire(Endpoint endpoint, bool wasUsed)
    {
        if (!wasUsed)
        {
            endpoint.Dispose();
            return;
        }

        _logger.Info("removing endpoint", [("address", endpoint.Spec.Address), ("closesAfter", _options.CloseDelay)]);
        _closing.Add((endpoint, _time.GetUtcNow() + _options.CloseDelay));
    }

    private void CloseDue()
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach ((Endpoint endpoint, DateTimeOffset due) in _closing)
            if (due <= now) endpoint.Dispose();
        _closing.RemoveAll(c => c.Due <= now);
    }

    private void Publish(IReadOnlyList<Endpoint> endpoints)
    {
        Volatile.Write(ref _endpoints, endpoints);
        Volatile.Write(ref _stores, [.. endpoints.Where(e => e.IsQueryable && e.Served.HasFlag(ServedApis.Store)).Select(e => e.ToStore())]);
        _metrics.Show(endpoints.Where(e => e.IsHealthy && e.Served.HasFlag(ServedApis.Store)));
    }

    private void LogNew(Endpoint endpoint)
    {
        string apis = string.Join(' ', new[]
        {
            (ServedApis.Store, "storeEndpoints"), (ServedApis.Rules, "rulesAPI"), (ServedApis.Exemplars, "exemplarsAPI"),
            (ServedApis.Targets, "targetsAPI"), (ServedApis.MetricMetadata, "MetricMetadataAPI"), (ServedApis.Query, "queryAPI"),
            (ServedApis.Status, "statusAPI"),
        }.Where(a => endpoint.Served.HasFlag(a.Item1)).Select(a => a.Item2));
        _logger.Info(
            $"adding new {endpoint.Component} with [{apis}]",
            [("address", endpoint.Spec.Address), ("extLset", EndpointMetrics.Describe(endpoint.Info.LabelSets))]);
    }
}
