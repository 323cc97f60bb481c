using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;

namespace Aion.StoreGateway;

/// <summary>How a bucket is watched and served; made from the flags, checked before anything starts.</summary>
public sealed record StoreGatewayOptions
{
    /// <summary>Folder for index-headers and metas; null keeps both in memory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Fetch an index-header when a query first needs it, not when its block is loaded.</summary>
    public bool DownloadsHeadersLazily { get; init; }

    /// <summary>Let go of index-headers that no query reads.</summary>
    public bool LetsHeadersGo { get; init; }

    /// <summary>After so long; zero: never.</summary>
    public TimeSpan HeaderIdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether looking at series may stand in for reading postings lists.</summary>
    public bool ExpandsPostingsLazily { get; init; }

    /// <summary>See <see cref="LazyPostingsOptions"/>.</summary>
    public double MaxKeySeriesRatio { get; init; } = 100;

    /// <summary>Series entries per coalesced read.</summary>
    public int SeriesBatch { get; init; } = 10_000;

    /// <summary>What to read at first of a series entry whose length is not known.</summary>
    public int EstimatedSeriesBytes { get; init; } = 64 * 1024;

    /// <summary>The same of a chunk.</summary>
    public int EstimatedChunkBytes { get; init; } = 16_000;

    /// <summary>What all Series calls from outside together may hold of series and chunks; 0 = no limit.</summary>
    public long MaxHeldBytes { get; init; }

    /// <summary>How long a call waits for room among those.</summary>
    public TimeSpan MaxPoolWait { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromMinutes(15);

    public int SyncConcurrency { get; init; } = 20;

    public int FetchConcurrency { get; init; } = 32;

    public BlockDiscovery Discovery { get; init; } = BlockDiscovery.Concurrent;

    public int PostingsSampling { get; init; } = 32;

    public TimeSpan ConsistencyDelay { get; init; }

    public TimeSpan DeletionMarksDelay { get; init; } = TimeSpan.FromHours(24);

    /// <summary>What the store is called in warnings.</summary>
    public string Name { get; init; } = "store";

    /// <summary>Earliest time served at a given moment, milliseconds.</summary>
    public Func<DateTimeOffset, long> MinTimeMs { get; init; } = static _ => long.MinValue;

    /// <summary>Latest time served at a given moment, milliseconds, inclusive.</summary>
    public Func<DateTimeOffset, long> MaxTimeMs { get; init; } = static _ => long.MaxValue;

    /// <summary>Series that one call may return; 0 = no limit.</summary>
    public long MaxSeries { get; init; }

    /// <summary>Chunks that one call may read; 0 = no limit.</summary>
    public long MaxChunks { get; init; }

    /// <summary>Bytes that one call may fetch; 0 = no limit.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Select calls at once; 0 = no limit.</summary>
    public int MaxConcurrency { get; init; } = 20;

    /// <summary>How parts of indexes are kept between requests; null for not at all.</summary>
    public IndexCacheConfig? IndexCache { get; init; }

    /// <summary>How chunks and small files of the bucket are kept between requests; null for not at all.</summary>
    public CachingBucketConfig? CachingBucket { get; init; }

    /// <summary>Which blocks are served, by their external labels.</summary>
    public RelabelRules Selector { get; init; } = RelabelRules.None;

    /// <summary>Applied after the usual filters; for whoever embeds the gateway and knows more of its blocks.</summary>
    public IReadOnlyList<IBlockFilter> MoreFilters { get; init; } = [];

    internal HeaderOptions Headers => new()
    {
        Directory = DataDirectory,
        Sampling = PostingsSampling,
        DownloadsLazily = DownloadsHeadersLazily,
        LetsGo = LetsHeadersGo,
        IdleTimeout = HeaderIdleTimeout,
    };

    internal ReadEstimates Estimates => new(EstimatedSeriesBytes, EstimatedChunkBytes);

    internal LazyPostingsOptions? LazyPostings => ExpandsPostingsLazily ? new LazyPostingsOptions(MaxKeySeriesRatio) : null;

    /// <exception cref="ComponentException">Names the flag that is wrong.</exception>
    internal static StoreGatewayOptions Of(StoreGatewayFlags handles, ParsedFlags flags)
    {
        if (flags.Get(handles.SyncConcurrency) < 1) throw new ComponentException("--block-sync-concurrency must be at least 1");
        if (flags.Get(handles.FetchConcurrency) < 1) throw new ComponentException("--block-meta-fetch-concurrency must be at least 1");
        if (flags.Get(handles.MaxConcurrency) < 0) throw new ComponentException("--store.grpc.series-max-concurrency must not be negative");
        if (flags.Get(handles.Sampling) < 1) throw new ComponentException("--store.index-header-posting-offsets-in-mem-sampling must be at least 1");
        // A timer can't be set further ahead than 49 days.
        if (flags.Get(handles.SyncInterval) is var sync && (sync <= TimeSpan.Zero || sync > TimeSpan.FromDays(49)))
            throw new ComponentException("--sync-block-duration must be more than 0 and at most 49 days");
        if (flags.Get(handles.SeriesBatch) < 1) throw new ComponentException("--debug.series-batch-size must be at least 1");
        Aion.Model.TimeOrDuration min = flags.Get(handles.MinTime), max = flags.Get(handles.MaxTime);
        return new StoreGatewayOptions
        {
            DataDirectory = flags.Get(handles.CacheIndexHeader) ? flags.Get(handles.DataDirectory) : null,
            SyncInterval = flags.Get(handles.SyncInterval),
            SyncConcurrency = flags.Get(handles.SyncConcurrency),
            FetchConcurrency = flags.Get(handles.FetchConcurrency),
            Discovery = flags.Get(handles.Discovery) switch
            {
                "concurrent" => BlockDiscovery.Concurrent,
                "recursive" => BlockDiscovery.Recursive,
                var other => throw new ComponentException($"--block-discovery-strategy: unknown strategy {other}: concurrent or recursive"),
            },
            PostingsSampling = flags.Get(handles.Sampling),
            ConsistencyDelay = flags.Get(handles.ConsistencyDelay),
            DeletionMarksDelay = flags.Get(handles.DeletionMarksDelay),
            MinTimeMs = now => Resolve(min, now),
            MaxTimeMs = now => Resolve(max, now),
            MaxSeries = (long)Math.Max(flags.Get(handles.Limits.Series), flags.Get(handles.TouchedSeries)),
            // As upstream: a chunk counts as 120 samples, so fewer than 120 mean no limit.
            MaxChunks = (long)(Math.Max(flags.Get(handles.Limits.Samples), flags.Get(handles.SeriesSamples)) / 120),
            MaxBytes = flags.Get(handles.DownloadedBytes),
            MaxConcurrency = flags.Get(handles.MaxConcurrency),
            DownloadsHeadersLazily = flags.Get(handles.HeaderDownload) == "lazy",
            LetsHeadersGo = flags.Get(handles.LazyHeaders),
            HeaderIdleTimeout = flags.Get(handles.HeaderIdleTimeout),
            ExpandsPostingsLazily = flags.Get(handles.LazyPostings),
            MaxKeySeriesRatio = flags.Get(handles.MaxKeySeriesRatio),
            SeriesBatch = flags.Get(handles.SeriesBatch),
            EstimatedSeriesBytes = Estimate(flags.Get(handles.EstimatedSeriesBytes), "--debug.estimated-max-series-size"),
            EstimatedChunkBytes = Estimate(flags.Get(handles.EstimatedChunkBytes), "--debug.estimated-max-chunk-size"),
            MaxHeldBytes = flags.Get(handles.ChunkPoolSize),
            MaxPoolWait = PoolWait(flags.Get(handles.ChunkPoolWait)),
        };
    }

    /// <summary>It is read in one piece, so it has to stay in bounds.</summary>
    private static int Estimate(ulong bytes, string flag) =>
        bytes is >= 1 and <= 64 * 1024 * 1024 ? (int)bytes : throw new ComponentException($"{flag} must be between 1 and 67108864 bytes, not {bytes}");

    /// <summary>A timer can't be set further ahead than 49 days.</summary>
    private static TimeSpan PoolWait(TimeSpan wait) => wait > TimeSpan.Zero && wait <= TimeSpan.FromDays(49)
        ? wait
        : throw new ComponentException("--store.chunk-pool-wait must be more than 0 and at most 49 days");

    private static long Resolve(Aion.Model.TimeOrDuration bound, DateTimeOffset now) =>
        bound.FixedMs ?? now.ToUnixTimeMilliseconds() + (long)bound.FromNow!.Value.TotalMilliseconds;
}
