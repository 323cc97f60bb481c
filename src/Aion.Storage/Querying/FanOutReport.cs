namespace Aion.Storage;

/// <summary>What one endpoint gave to a select.</summary>
/// <param name="Address">Of the endpoint, or the name of a store of this process.</param>
/// <param name="Duration">From asking to the last message.</param>
/// <param name="Bytes">Of its messages, as they are on the wire.</param>
/// <param name="Responses">Messages.</param>
/// <param name="Series">Series, counted again where a series continues in a further message.</param>
/// <param name="Chunks">Chunks; those of downsampled data count once an aggregate.</param>
/// <param name="Samples">Samples in these chunks.</param>
public sealed record EndpointShare(string Address, TimeSpan Duration, long Bytes, long Responses, long Series, long Chunks, long Samples);

/// <summary>Collects what the endpoints of a select gave, for who analyzes a query. Thread-safe.</summary>
public sealed class FanOutReport
{
    private readonly Lock _lock = new();
    private readonly List<EndpointShare> _shares = [];

    public void Add(EndpointShare share)
    {
        lock (_lock)
        {
            _shares.Add(share);
        }
    }

    /// <summary>By address.</summary>
    public IReadOnlyList<EndpointShare> ToList()
    {
        lock (_lock)
        {
            return [.. _shares.OrderBy(s => s.Address, StringComparer.Ordinal)];
        }
    }
}
