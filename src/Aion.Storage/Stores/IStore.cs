namespace Aion.Storage;

/// <summary>
/// The read contract: who I am, and the series, label names and label values of what I hold. Implemented by the store gateway,
/// the TSDB, Prometheus through remote read, a gRPC peer, and the proxy over many of these. Thread-safe.
/// </summary>
public interface IStore
{
    /// <summary>What to call this store in warnings and logs: the address of a peer, or the component and its label sets.</summary>
    string Name { get; }

    /// <summary>The newest snapshot of labels, time range and capabilities; cheap, never blocks.</summary>
    StoreInfo Info { get; }

    /// <summary>
    /// Streams the matching series in label order. One series may span several consecutive entries, with more chunks each;
    /// once another series starts it never returns. Chunks may overhang the asked range; the reader trims.
    /// </summary>
    /// <exception cref="StoreException">The request is refused or, when partial answers are not wanted, could not be answered whole.</exception>
    IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, CancellationToken cancellationToken);

    /// <summary>Label names of the matching series, ascending by bytes, unique. No matchers means all series.</summary>
    Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken);

    /// <summary>Values of one label over the matching series, ascending by bytes, unique. No matchers means all series.</summary>
    Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken);
}

/// <summary>A stretch of a select's answer. Either list may be empty; warnings say what is missing from the whole.</summary>
public sealed record SeriesFrame(IReadOnlyList<ChunkSeries> Series, IReadOnlyList<string> Warnings)
{
    public static SeriesFrame Of(IReadOnlyList<ChunkSeries> series) => new(series, []);

    public static SeriesFrame Warning(string warning) => new([], [warning]);
}

/// <summary>Names or values, with what was missing.</summary>
public sealed record LabelsAnswer(IReadOnlyList<string> Values, IReadOnlyList<string> Warnings)
{
    public static LabelsAnswer Empty { get; } = new([], []);

    /// <summary>Ids of the blocks that were read, in no order; null from a store that is not made of blocks.</summary>
    public IReadOnlyList<string>? QueriedBlocks { get; init; }
}
