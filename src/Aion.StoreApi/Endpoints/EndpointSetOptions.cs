namespace Aion.StoreApi;

/// <summary>How endpoints are watched.</summary>
public sealed record EndpointSetOptions
{
    /// <summary>Longest wait for Info, and the time between two rounds. Upstream: <c>--endpoint.info-timeout</c>.</summary>
    public TimeSpan InfoTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an endpoint that fails stays on the list. Upstream: <c>--store.unhealthy-timeout</c>.</summary>
    public TimeSpan UnhealthyTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the connection of a removed endpoint stays open for the calls that run on it.</summary>
    public TimeSpan CloseDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How to connect to endpoints that don't say otherwise.</summary>
    public GrpcClientOptions Client { get; init; } = new();

    /// <summary>Labels of the connection metric, any of <c>external_labels</c>, <c>store_type</c>, <c>ip_port</c>.</summary>
    public IReadOnlyList<string> ConnectionLabels { get; init; } = ["external_labels", "store_type"];
}
