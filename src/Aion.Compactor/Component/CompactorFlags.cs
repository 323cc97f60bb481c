using Aion.Hosting;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>The flags of <c>aion compact</c>; reference/cli-flags.md §9.</summary>
internal sealed class CompactorFlags
{
    public CompactorFlags(FlagSet flags)
    {
        HaltOnError = flags.Bool("debug.halt-on-error",
            "Given: overlaps that nobody asked to merge and damaged blocks stop all work until a person acts (with --no-: end the process). Not given: they are merged, repaired or set aside.",
            @default: true, hidden: true);
        AcceptMalformedIndex = flags.Bool("debug.accept-malformed-index", "Sort label names that are out of order in an index, instead of setting the block aside.", hidden: true);
        MaxLevel = flags.Int("debug.max-compaction-level", "Highest compaction level: 0 is 1h, 1 is 2h, 2 is 8h, 3 is 2d, 4 is 14d.", "4", hidden: true);
        Http = new HttpFlags(flags);
        DataDirectory = flags.String("data-dir", "Folder to work in: downloaded and new blocks, and copies of metas.", "./data");
        ObjectStorage = CommonFlags.ObjectStorage(flags, required: false);
        ConsistencyDelay = flags.GoDuration("consistency-delay",
            "Youngest age at which a block is worked with. Partial uploads are removed when they are older than this, and at least 48h.", "30m");
        RetentionRaw = flags.PrometheusDuration("retention.resolution-raw", "How long to keep raw samples; 0d is for ever.", "0d");
        RetentionFiveMinutes = flags.PrometheusDuration("retention.resolution-5m", "How long to keep samples of 5 minutes; 0d is for ever.", "0d");
        RetentionOneHour = flags.PrometheusDuration("retention.resolution-1h", "How long to keep samples of 1 hour; 0d is for ever.", "0d");
        RetentionPolicy = flags.PathOrContent("retention.policy.config",
            "retention by external labels in YAML, for example per tenant; blocks that no rule applies to go by the other flags");
        DeletesWithoutDownsampled = flags.Bool("retention.delete-without-downsampled",
            "Delete data past its retention even if its downsampled form, which is still asked for, does not exist yet.");
        Wait = flags.Bool("wait", "Go on for ever, instead of ending when everything is compacted.", @short: 'w');
        WaitInterval = flags.GoDuration("wait-interval", "Pause between runs with --wait.", "5m");
        NoDownsampling = flags.Bool("downsampling.disable", "Do not downsample. Queries over long times then read raw data.");
        Discovery = flags.String("block-discovery-strategy",
            "How to list the bucket: concurrent (one request a block) or recursive (few requests, more names).", "concurrent");
        MetaConcurrency = flags.Int("block-meta-fetch-concurrency", "meta.json files read at once.", "32");
        FileConcurrency = flags.Int("block-files-concurrency", "Files of a block fetched or stored at once.", "1");
        ViewInterval = flags.GoDuration("block-viewer.global.sync-block-interval", "How often the list of all blocks is refreshed for the block viewer.", "1m");
        ViewTimeout = flags.GoDuration("block-viewer.global.sync-block-timeout", "Longest time for one such refresh.", "5m");
        CleanupInterval = flags.GoDuration("compact.cleanup-interval",
            "With --wait: how often retention is applied and marked blocks and broken-off uploads are removed, whatever compaction does. 0s: at the end of a run.", "5m");
        ProgressInterval = flags.GoDuration("compact.progress-interval", "With --wait: how often the work that is left is counted. 0s: never.", "5m");
        Concurrency = flags.Int("compact.concurrency", "Groups compacted at once.", "1");
        BlockFetchConcurrency = flags.Int("compact.blocks-fetch-concurrency", "Blocks of one compaction fetched at once.", "1");
        DownsampleConcurrency = flags.Int("downsample.concurrency", "Blocks downsampled at once.", "1");
        DeleteDelay = flags.PrometheusDuration("delete-delay",
            "Time from the mark to the deletion of a block, so that others can load what replaces it. 0s: with the next run.", "48h");
        Vertical = flags.Bool("compact.enable-vertical-compaction",
            "Overlapping blocks are merged in any case; with --debug.halt-on-error this allows it.", hidden: true);
        DeduplicationFunction = flags.Enum("deduplication.func",
            "How blocks of replicas are merged: penalty, as queries do it, for replicas that scrape at different times; empty for exact copies.", ["penalty", ""], "");
        ReplicaLabels = flags.Strings("deduplication.replica-label", "External label that replicas differ in; their blocks become one. May be repeated or hold several, with commas.");
        MaxIndexSize = flags.Size("compact.block-max-index-size", "Largest index that a compaction may make; blocks beyond it are left alone.", "64GB", hidden: true);
        SkipOutOfOrder = flags.Bool("compact.skip-block-with-out-of-order-chunks", "Leave blocks with chunks out of order alone, instead of sorting them.", hidden: true);
        HashFunction = flags.Enum("hash-func", "Function whose hashes of new files go into meta.json: SHA256 or empty for none.", ["SHA256", ""], "");
        MinTime = flags.TimeOrDuration("min-time", "Start of the time range to compact: RFC 3339, or a duration relative to now such as -6w.", "0000-01-01T00:00:00Z");
        MaxTime = flags.TimeOrDuration("max-time", "End of the time range to compact: RFC 3339, or a duration relative to now such as -2h.", "9999-12-31T23:59:59Z");
        MemoryBudget = flags.Size("compact.memory-budget", "Memory that one merge or downsampling may hold.", "128MB");
        MergeDownsampledOverlaps = flags.Bool("compact.merge-downsampled-overlaps", "Merge overlapping downsampled blocks, instead of marking them to be left alone.");
        StallTimeout = flags.GoDuration("compact.stall-timeout", "With --wait: time without progress, while work is left, after which the compactor reports that it is stalled.", "1h");
        Selector = CommonFlags.Selector(flags);
        WebDisable = flags.Bool("web.disable", "Leave out the page and the API that list blocks and show progress.");
        RoutePrefix = flags.String("web.route-prefix", "Serve the page and the API under this path too.", "");
        DisableCors = flags.Bool("web.disable-cors", "Leave out the headers that let pages of other sites use the API.");
        WebLabel = flags.String("bucket-web-label", "External label that titles groups of blocks in a viewer.", "");
        NoAdminOperations = flags.Bool("disable-admin-operations", "Refuse to mark blocks through the API.");
        ExternalPrefix = flags.String("web.external-prefix", "Path prefix under which users reach the page, when a proxy adds one.", "");
        PrefixHeader = flags.String("web.prefix-header", "Request header in which a proxy names the prefix that it adds; not read with --web.external-prefix.", "");
    }

    public Flag<bool> HaltOnError { get; }
    public Flag<bool> AcceptMalformedIndex { get; }
    public Flag<int> MaxLevel { get; }
    public HttpFlags Http { get; }
    public Flag<string> DataDirectory { get; }
    public PathOrContent ObjectStorage { get; }
    public Flag<TimeSpan> ConsistencyDelay { get; }
    public Flag<TimeSpan> RetentionRaw { get; }
    public Flag<TimeSpan> RetentionFiveMinutes { get; }
    public Flag<TimeSpan> RetentionOneHour { get; }
    public PathOrContent RetentionPolicy { get; }
    public Flag<bool> DeletesWithoutDownsampled { get; }
    public Flag<bool> Wait { get; }
    public Flag<TimeSpan> WaitInterval { get; }
    public Flag<bool> NoDownsampling { get; }
    public Flag<string> Discovery { get; }
    public Flag<int> MetaConcurrency { get; }
    public Flag<int> FileConcurrency { get; }
    public Flag<TimeSpan> ViewInterval { get; }
    public Flag<TimeSpan> ViewTimeout { get; }
    public Flag<TimeSpan> CleanupInterval { get; }
    public Flag<TimeSpan> ProgressInterval { get; }
    public Flag<int> Concurrency { get; }
    public Flag<int> BlockFetchConcurrency { get; }
    public Flag<int> DownsampleConcurrency { get; }
    public Flag<TimeSpan> DeleteDelay { get; }
    public Flag<bool> Vertical { get; }
    public Flag<string> DeduplicationFunction { get; }
    public Flag<IReadOnlyList<string>> ReplicaLabels { get; }
    public Flag<long> MaxIndexSize { get; }
    public Flag<bool> SkipOutOfOrder { get; }
    public Flag<string> HashFunction { get; }
    public Flag<TimeOrDuration> MinTime { get; }
    public Flag<TimeOrDuration> MaxTime { get; }
    public Flag<long> MemoryBudget { get; }
    public Flag<bool> MergeDownsampledOverlaps { get; }
    public Flag<TimeSpan> StallTimeout { get; }
    public PathOrContent Selector { get; }
    public Flag<bool> WebDisable { get; }
    public Flag<string> RoutePrefix { get; }
    public Flag<string> ExternalPrefix { get; }
    public Flag<string> PrefixHeader { get; }
    public Flag<bool> DisableCors { get; }
    public Flag<string> WebLabel { get; }
    public Flag<bool> NoAdminOperations { get; }
}
