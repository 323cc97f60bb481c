using Aion.Model;

namespace Aion.StoreApi;

/// <summary>One endpoint as <c>/api/v1/stores</c> shows it.</summary>
/// <param name="LastError">Null when the last check went well.</param>
public sealed record EndpointStatus(
    string Component, string Address, DateTimeOffset LastCheck, string? LastError, IReadOnlyList<Labels> LabelSets, long MinTimeMs, long MaxTimeMs);
