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
        CommonFlags.RequestLoggingUnsupported(flags);
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
        IndexCacheSize = flags.Size("index-cache-size", "Memory that parts of indexes may take between requests; not used with --index-cache.config.", "250MB");
        IndexCache = flags.PathOrContent("index-cache.config", "the index cache configuration in YAML (IN-MEMORY)");
        Selector = CommonFlags.Selector(flags);
        WebDisable = flags.Bool("web.disable", "Leave out the API that lists the loaded blocks.");
        DisableCors = flags.Bool("web.disable-cors", "Leave out the headers that let pages of other sites use the API.");
        WebLabel = flags.String("bucket-web-label", "External label that titles groups of blocks in a viewer.", "");
        NoAdminOperations = flags.Bool("disable-admin-operations", "Refuse to mark blocks through the API, which is not supported in any case yet.");
        DeclareUnsupported(flags);
    }

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

    public Flag<long> IndexCacheSize { get; }

    public PathOrContent IndexCache { get; }

    public PathOrContent Selector { get; }

    public Flag<bool> WebDisable { get; }

    public Flag<bool> DisableCors { get; }

    public Flag<string> WebLabel { get; }

    public Flag<bool> NoAdminOperations { get; }

    private static void DeclareUnsupported(FlagSet flags)
    {
        const string NoCache = "chunks and block metas are not cached yet; reads of them go to the bucket";
        flags.Unsupported("store.caching-bucket.config", NoCache);
        flags.Unsupported("store.caching-bucket.config-file", NoCache);
        flags.Unsupported("chunk-pool-size", "chunk buffers are not pooled yet");
        flags.Unsupported("matcher-cache-size", "matchers are not cached yet");
        const string NotLazy = "index-headers are opened when a block is loaded";
        flags.Unsupported("store.enable-index-header-lazy-reader", NotLazy, isBool: true);
        flags.Unsupported("store.index-header-lazy-reader-idle-timeout", NotLazy);
        flags.Unsupported("store.index-header-lazy-download-strategy", NotLazy);
        const string NoLazyPostings = "postings are expanded fully";
        flags.Unsupported("store.enable-lazy-expanded-postings", NoLazyPostings, isBool: true);
        flags.Unsupported("store.posting-group-max-key-series-ratio", NoLazyPostings);
        const string Fixed = "batch and read sizes are fixed";
        flags.Unsupported("debug.series-batch-size", Fixed);
        flags.Unsupported("debug.estimated-max-series-size", Fixed);
        flags.Unsupported("debug.estimated-max-chunk-size", Fixed);
        flags.Unsupported("objstore-parquet.config", "parquet blocks are not read");
        flags.Unsupported("objstore-parquet.config-file", "parquet blocks are not read");
        const string NoViewer = "the pages of the block viewer are not built yet, and its API has no prefix";
        flags.Unsupported("web.external-prefix", NoViewer);
        flags.Unsupported("web.prefix-header", NoViewer);
    }
}
