using Aion.Model;
using Aion.Storage;

namespace Aion.Query;

/// <summary>Where the API reads from: series for the engine, names and values for the metadata endpoints, and who holds them.</summary>
internal interface IQuerySource
{
    IQuerier Querier(SelectParameters select, string tenant);

    /// <exception cref="StoreException">Refused, or incomplete where partial answers are not wanted.</exception>
    Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, SelectParameters select, CancellationToken cancellationToken);

    /// <exception cref="StoreException">Refused, or incomplete where partial answers are not wanted.</exception>
    Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, SelectParameters select, CancellationToken cancellationToken);

    IReadOnlyList<StoreStatus> Stores();
}

/// <summary>One store as <c>/api/v1/stores</c> shows it.</summary>
/// <param name="Name">Its address, or what it is called in this process.</param>
/// <param name="LastError">Null when the last check went well.</param>
/// <param name="MinTimeMs">First time held, inclusive.</param>
/// <param name="MaxTimeMs">Last time held, inclusive.</param>
public sealed record StoreStatus(
    string Component, string Name, DateTimeOffset LastCheck, string? LastError, IReadOnlyList<Labels> LabelSets, long MinTimeMs, long MaxTimeMs);
