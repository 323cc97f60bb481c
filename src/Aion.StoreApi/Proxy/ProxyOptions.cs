using Aion.Model;

namespace Aion.StoreApi;

/// <summary>How a proxy over stores behaves.</summary>
public sealed record ProxyOptions
{
    /// <summary>Component name that the proxy announces: <c>query</c>, <c>receive</c>.</summary>
    public string Component { get; init; } = "query";

    /// <summary>Labels of the proxy itself: matchers on them are checked and taken off, and the answer does not show them.</summary>
    public Labels SelectorLabels { get; init; } = Labels.Empty;

    /// <summary>Longest wait for one message of a store; zero = no limit. Upstream: <c>--store.response-timeout</c>.</summary>
    public TimeSpan ResponseTimeout { get; init; }

    /// <summary>Frames held per store before it has to wait. Upstream: <c>--query.lazy-retrieval-max-buffered-responses</c>.</summary>
    public int BufferedFrames { get; init; } = 20;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
