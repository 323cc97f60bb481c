using Aion.Hosting;
using Prometheus;

namespace Aion.StoreGateway;

/// <summary>The store gateway's instruments, under Thanos's names.</summary>
internal sealed class StoreGatewayMetrics
{
    private static readonly double[] DurationBuckets = [0.001, 0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120];

    private readonly Histogram[] _fetchDurations;

    public StoreGatewayMetrics(MetricsRegistry metrics)
    {
        MetricFactory f = metrics.Factory;
        const string P = "thanos_bucket_store_";
        BlockLoads = f.CreateCounter(P + "block_loads_total", "Total number of remote block loading attempts.");
        BlockLoadFailures = f.CreateCounter(P + "block_load_failures_total", "Total number of failed remote block loading attempts.");
        BlockDrops = f.CreateCounter(P + "block_drops_total", "Total number of local blocks that were dropped.");
        BlockDropFailures = f.CreateCounter(P + "block_drop_failures_total", "Total number of local blocks that failed to be dropped.");
        BlocksLoaded = f.CreateGauge(P + "blocks_loaded", "Number of currently loaded blocks.");
        LastLoaded = f.CreateGauge(P + "blocks_last_loaded_timestamp_seconds", "Timestamp when last block got loaded.");
        BlockLoadDuration = metrics.Histogram(
            P + "block_load_duration_seconds", "Time spent loading a new block in seconds.", [0.1, 0.2, 0.5, 1, 2, 5, 15, 30, 60, 90, 120, 300]);
        BlocksQueried = metrics.Histogram(
            P + "series_blocks_queried", "Number of blocks in a bucket store that were touched to satisfy a query.",
            Histogram.ExponentialBuckets(1, 2, 10), "tenant");
        DataFetched = metrics.Histogram(
            P + "series_data_fetched", "Number of items of a data type that were fetched for a single Series call.",
            Histogram.ExponentialBuckets(200, 2, 15), "data_type", "tenant");
        DataSizeFetched = metrics.Histogram(
            P + "series_data_size_fetched_bytes", "Bytes of a data type that were fetched for a single Series call.",
            Histogram.ExponentialBuckets(1024, 2, 15), "data_type", "tenant");
        GetAllDuration = metrics.Histogram(
            P + "series_get_all_duration_seconds", "Time until all per-block prepares and loads of a query are finished.", DurationBuckets, "tenant");
        MergeDuration = metrics.Histogram(
            P + "series_merge_duration_seconds", "Time to merge all queried blocks into a single response.", DurationBuckets, "tenant");
        ResultSeries = metrics.Histogram(
            P + "series_result_series", "Number of series observed in the final result of a query.", Histogram.ExponentialBuckets(100, 2, 15), "tenant");
        QueriesDropped = f.CreateCounter(P + "queries_dropped_total", "Number of queries that were dropped due to a limit.", "reason", "tenant");
        SeriesRefetches = f.CreateCounter(
            P + "series_refetches_total", "Number of series entries that were read again because they were longer than estimated.", "tenant");
        ChunkRefetches = f.CreateCounter(
            P + "chunk_refetches_total", "Number of chunks that were read again because they were longer than estimated.", "tenant");
        DataTouched = metrics.Histogram(
            P + "series_data_touched", "Number of items of a data type that were used for a single Series call, wherever they came from.",
            Histogram.ExponentialBuckets(200, 2, 15), "data_type", "tenant");
        DataSizeTouched = metrics.Histogram(
            P + "series_data_size_touched_bytes", "Bytes of a data type that were used for a single Series call, wherever they came from.",
            Histogram.ExponentialBuckets(1024, 2, 15), "data_type", "tenant");
        SentChunkSize = metrics.Histogram(
            P + "sent_chunk_size_bytes", "Size in bytes of the chunks of one series in an answer.",
            [32, 256, 512, 1024, 32 * 1024, 256 * 1024, 512 * 1024, 1 << 20, 32 << 20, 256 << 20, 512 << 20], "tenant");
        PostingsSize = metrics.Histogram(
            P + "postings_size_bytes", "Size in bytes of the postings that one block needs for a Series call.",
            [32, 256, 512, 1024, 32 * 1024, 256 * 1024, 512 * 1024, 1 << 20, 32 << 20, 128 << 20, 256 << 20, 512 << 20, 768 << 20, 1L << 30], "tenant");
        _fetchDurations =
        [
            metrics.Histogram(P + "postings_fetch_duration_seconds", "Time until the postings of one block were there.", DurationBuckets, "tenant"),
            metrics.Histogram(P + "series_fetch_duration_seconds", "Time until all series of one block were there.", DurationBuckets, "tenant"),
            metrics.Histogram(P + "chunks_fetch_duration_seconds", "Time until a batch of chunks of one block was there.", DurationBuckets, "tenant"),
        ];
        SeriesFetchDurationSum = metrics.Histogram(
            P + "series_fetch_duration_sum_seconds", "Time spent reading series in one Series call, added up over its blocks.", DurationBuckets, "tenant");
        ChunksFetchDurationSum = metrics.Histogram(
            P + "chunks_fetch_duration_sum_seconds", "Time spent reading chunks in one Series call, added up over its blocks.", DurationBuckets, "tenant");
        const string L = P + "lazy_expanded_posting";
        LazyPostings = f.CreateCounter(L + "s_total", "Blocks in which looking at series stood in for reading postings.");
        LazyPostingsBytes = f.CreateCounter(L + "_size_bytes_total", "Bytes of postings that were not read because series were looked at.");
        LazyOverfetchedBytes = f.CreateCounter(
            L + "_series_overfetched_size_bytes_total", "Bytes of series that were read and then left out because postings were not read.");
        LazyGroups = f.CreateCounter(L + "_groups_total", "Groups of postings lists that were not read, by the reason.", "reason");
        const string K = P + "cached_postings_";
        PostingsCodings = f.CreateCounter(K + "compressions_total", "Number of postings compressions before storing to index cache.", "op", "tenant");
        PostingsCodingErrors = f.CreateCounter(K + "compression_errors_total", "Number of postings compression errors.", "op", "tenant");
        PostingsCodingTime = f.CreateCounter(
            K + "compression_time_seconds_total", "Time spent compressing postings before storing them into postings cache.", "op", "tenant");
        PostingsOriginalBytes = f.CreateCounter(K + "original_size_bytes_total", "Original size of postings stored into cache.", "tenant");
        PostingsCompressedBytes = f.CreateCounter(K + "compressed_size_bytes_total", "Compressed size of postings stored into cache.", "tenant");
        EmptyPostings = f.CreateCounter(P + "empty_postings_total", "Number of blocks in which the matchers of a query select no series.", "tenant");
    }

    public Counter BlockLoads { get; }

    public Counter BlockLoadFailures { get; }

    public Counter BlockDrops { get; }

    public Counter BlockDropFailures { get; }

    public Gauge BlocksLoaded { get; }

    public Gauge LastLoaded { get; }

    public Histogram BlockLoadDuration { get; }

    public Histogram BlocksQueried { get; }

    public Histogram DataFetched { get; }

    public Histogram DataSizeFetched { get; }

    public Histogram GetAllDuration { get; }

    public Histogram MergeDuration { get; }

    public Histogram ResultSeries { get; }

    public Counter QueriesDropped { get; }

    public Counter SeriesRefetches { get; }

    public Counter ChunkRefetches { get; }

    public Counter EmptyPostings { get; }

    public Histogram DataTouched { get; }

    public Histogram DataSizeTouched { get; }

    public Histogram SentChunkSize { get; }

    public Histogram PostingsSize { get; }

    public Histogram SeriesFetchDurationSum { get; }

    public Histogram ChunksFetchDurationSum { get; }

    public Counter LazyPostings { get; }

    public Counter LazyPostingsBytes { get; }

    public Counter LazyOverfetchedBytes { get; }

    public Counter LazyGroups { get; }

    public Counter PostingsCodings { get; }

    public Counter PostingsCodingErrors { get; }

    public Counter PostingsCodingTime { get; }

    public Counter PostingsOriginalBytes { get; }

    public Counter PostingsCompressedBytes { get; }

    public Histogram FetchDuration(ReadData data) => _fetchDurations[(int)data];
}
