using Aion.Hosting;
using Aion.Model;

namespace Aion.StoreGateway;

/// <summary>The flags of <c>aion store</c>; reference/cli-flags.md §4.</summary>
internal sealed class StoreGatewayFlags
{
    public StoreGatewayFlags(FlagSet flags)
    {
        Http = new HttpFlags(flags);
        Grpc = new GrpcFlags(flags);
        ObjectStorage = CommonFlags.ObjectStorage(flags, required: true);
        RequestLog = new RequestLogFlags(flags);
        DataDirectory = flags.String("data-dir", "Folder for what is kept locally of each block: its index-header and meta.json.", "./data");
        CacheIndexHeader = flags.Bool("cache-index-header", "Keep index-headers on disk; otherwise they are built in memory at each start.", @default: true);
        Limits = new StoreLimitFlags(flags);
        TouchedSeries = flags.UInt64("store.grpc.touched-series-limit", "Old name of --store.limits.request-series.", "0", hidden: true);
        SeriesSamples = flags.UInt64("store.grpc.series-sample-limit", "Old name of --store.limits.request-samples.", "0", hidden: true);
        DownloadedBytes = flags.Size("store.grpc.downloaded-bytes-limit", "Most bytes one call may fetch; the call fails beyond it. 0 for no limit.", "0");
        MaxConcurrency = flags.Int("store.grpc.series-max-concurrency", "Series calls answered at once; others wait. 0 for no limit.", "20");
        SyncInterval = flags.GoDuration("sync-block-duration", "How often to look for new and removed blocks in the bucket.", "15m");
        Discovery = flags.String("block-discovery-strategy",
            "How to list the bucket: concurrent (one request a block) or recursive (few requests, more names).", "concurrent");
        SyncConcurrency = flags.Int("block-sync-concurrency", "Blocks loaded at once.", "20");
        FetchConcurrency = flags.Int("block-meta-fetch-concurrency", "meta.json files read at once.", "32");
        MinTime = flags.TimeOrDuration("min-time", "Start of the time range to serve: RFC 3339, or a duration relative to now such as -6w.", "0000-01-01T00:00:00Z");
        MaxTime = flags.TimeOrDuration("max-time", "End of the time range to serve: RFC 3339, or a duration relative to now such as -2h.", "9999-12-31T23:59:59Z");
        Sampling = flags.Int("store.index-header-posting-offsets-in-mem-sampling", "Hold every so many-th posting offset in memory.", "32", hidden: true);
        ConsistencyDelay = flags.PrometheusDuration("consistency-delay", "Youngest age at which a block is loaded.", "0s");
        DeletionMarksDelay = flags.PrometheusDuration("ignore-deletion-marks-delay",
            "How long a block marked for deletion is still served, so that what replaces it can be loaded meanwhile.", "24h");
        LazyHeaders = flags.Bool("store.enable-index-header-lazy-reader",
            "Let go of index-headers that no query reads; they are mapped again when one does. All are mapped when first read, with or without this.");
        HeaderIdleTimeout = flags.GoDuration("store.index-header-lazy-reader-idle-timeout",
            "How long an index-header that no query reads stays mapped. 0 for ever.", "5m", hidden: true);
        HeaderDownload = flags.Enum("store.index-header-lazy-download-strategy",
            "When to fetch index-headers: eager, when their blocks are loaded, or lazy, when a query first needs them.", ["eager", "lazy"], "eager");
        LazyPostings = flags.Bool("store.enable-lazy-expanded-postings",
            "Look at the labels of few series instead of reading long postings lists, where that is less to read.");
        MaxKeySeriesRatio = flags.Float("store.posting-group-max-key-series-ratio",
            "With lazily expanded postings, do not read the lists of a matcher that selects this many times more values than series can match. 0 for no such limit.", "100");
        ChunkPoolSize = flags.Size("chunk-pool-size",
            "Most memory that the series and chunks of all Series calls may take at once; a call that would go beyond waits, one that alone needs more fails. 0 for no limit.", "2GB");
        ChunkPoolWait = flags.GoDuration("store.chunk-pool-wait", "How long a call waits for room in the chunk pool before it fails.", "1m", hidden: true);
        SeriesBatch = flags.Int("debug.series-batch-size", "Series of a block read at once.", "10000", hidden: true);
        EstimatedSeriesBytes = flags.UInt64("debug.estimated-max-series-size",
            "Bytes to read of a series entry before its length is known; a block's own statistics win when smaller.", "65536", hidden: true);
        EstimatedChunkBytes = flags.UInt64("debug.estimated-max-chunk-size",
            "Bytes to read of a chunk before its length is known; a block's own statistics win when smaller.", "16000", hidden: true);
        IndexCacheSize = flags.Size("index-cache-size", "Memory that parts of indexes may take between requests; not used with --index-cache.config.", "250MB");
        IndexCache = flags.PathOrContent("index-cache.config", "the index cache configuration in YAML (IN-MEMORY, MEMCACHED or REDIS)");
        CachingBucket = flags.PathOrContent("store.caching-bucket.config", "the configuration in YAML of the cache for chunks and small files of the bucket", hidden: true);
        MatcherCacheSize = flags.Int("matcher-cache-size", "Matchers with regular expressions kept between requests, so that they are compiled once; 0 for none.", "0");
        Selector = CommonFlags.Selector(flags);
        WebDisable = flags.Bool("web.disable", "Leave out the page and the API that show the loaded blocks.");
        ExternalPrefix = flags.String("web.external-prefix",
            "Path prefix under which users reach the page, when a proxy adds one: the root leads on to the page there. All else is relative to the page.", "");
        PrefixHeader = flags.String("web.prefix-header",
            "Request header in which a proxy names the prefix that it adds; not looked at with --web.external-prefix.", "");
        DisableCors = flags.Bool("web.disable-cors", "Leave out the headers that let pages of other sites use the API.");
        WebLabel = flags.String("bucket-web-label", "External label that titles groups of blocks in a viewer.", "");
        NoAdminOperations = flags.Bool("disable-admin-operations", "Refuse to mark blocks through the API.");
        DeclareUnsupported(flags);
    }

    public RequestLogFlags RequestLog { get; }

    public HttpFlags Http { get; }

    public GrpcFlags Grpc { get; }

    public PathOrContent ObjectStorage { get; }

    public StoreLimitFlags Limits { get; }

    public Flag<string> DataDirectory { get; }

    public Flag<bool> CacheIndexHeader { get; }

    public Flag<ulong> TouchedSeries { get; }

    public Flag<ulong> SeriesSamples { get; }

    public Flag<long> DownloadedBytes { get; }

    public Flag<int> MaxConcurrency { get; }

    public Flag<TimeSpan> SyncInterval { get; }

    public Flag<string> Discovery { get; }

    public Flag<int> SyncConcurrency { get; }

    public Flag<int> FetchConcurrency { get; }

    public Flag<TimeOrDuration> MinTime { get; }

    public Flag<TimeOrDuration> MaxTime { get; }

    public Flag<int> Sampling { get; }

    public Flag<TimeSpan> ConsistencyDelay { get; }

    public Flag<TimeSpan> DeletionMarksDelay { get; }

    public Flag<bool> LazyHeaders { get; }

    public Flag<TimeSpan> HeaderIdleTimeout { get; }

    public Flag<string> HeaderDownload { get; }

    public Flag<bool> LazyPostings { get; }

    public Flag<double> MaxKeySeriesRatio { get; }

    public Flag<long> ChunkPoolSize { get; }

    public Flag<TimeSpan> ChunkPoolWait { get; }

    public Flag<int> SeriesBatch { get; }

    public Flag<ulong> EstimatedSeriesBytes { get; }

    public Flag<ulong> EstimatedChunkBytes { get; }

    public Flag<long> IndexCacheSize { get; }

    public PathOrContent IndexCache { get; }

    public PathOrContent CachingBucket { get; }

    public Flag<int> MatcherCacheSize { get; }

    public PathOrContent Selector { get; }

    public Flag<bool> WebDisable { get; }

    public Flag<string> ExternalPrefix { get; }

    public Flag<string> PrefixHeader { get; }

    public Flag<bool> DisableCors { get; }

    public Flag<string> WebLabel { get; }

    public Flag<bool> NoAdminOperations { get; }

    private static void DeclareUnsupported(FlagSet flags)
    {
        flags.Unsupported("objstore-parquet.config", "parquet blocks are not read");
        flags.Unsupported("objstore-parquet.config-file", "parquet blocks are not read");
    }
}
