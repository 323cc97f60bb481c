using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;

namespace Aion.Sidecar;

/// <summary>The flags of <c>aion sidecar</c>; reference/cli-flags.md §3.</summary>
public sealed class SidecarFlags
{
    public SidecarFlags(FlagSet flags)
    {
        Http = new HttpFlags(flags);
        Grpc = new GrpcFlags(flags);
        PrometheusUrl = flags.Url("prometheus.url", "Address of the Prometheus server beside this sidecar; may have a path.", "http://localhost:9090");
        ReadyTimeout = flags.GoDuration(
            "prometheus.ready_timeout", "How long uploads wait for Prometheus's external labels before the sidecar gives up.", "10m");
        GetConfigInterval = flags.GoDuration("prometheus.get_config_interval", "How often Prometheus is asked for its external labels.", "30s");
        GetConfigTimeout = flags.GoDuration("prometheus.get_config_timeout", "How long Prometheus may take to answer that.", "30s");
        HttpClient = flags.PathOrContent(
            "prometheus.http-client", "the settings in YAML for requests to Prometheus: credentials, TLS, proxy, connections",
            substitutesEnvironment: false);
        TsdbPath = flags.String("tsdb.path", "Data directory of the TSDB.", "./data");
        const string NoReloader = "the configuration reloader is not built yet";
        flags.Unsupported("reloader.config-file", NoReloader);
        flags.Unsupported("reloader.config-envsubst-file", NoReloader);
        flags.Unsupported("reloader.rule-dir", NoReloader);
        flags.Unsupported("reloader.watch-interval", NoReloader);
        flags.Unsupported("reloader.retry-interval", NoReloader);
        flags.Unsupported("reloader.method", NoReloader);
        flags.Unsupported("reloader.process-name", NoReloader);
        CommonFlags.RequestLoggingUnsupported(flags);
        ObjectStorage = CommonFlags.ObjectStorage(flags, required: false);
        Shipper = new ShipperFlags(flags);
        Limits = new StoreLimitFlags(flags);
        MinTime = flags.TimeOrDuration(
            "min-time",
            "Oldest time served: an RFC 3339 time, or a duration from now such as -1d. Older samples are left to the bucket.",
            "0000-01-01T00:00:00Z");
    }

    public HttpFlags Http { get; }

    public GrpcFlags Grpc { get; }

    public Flag<Uri> PrometheusUrl { get; }

    public Flag<TimeSpan> ReadyTimeout { get; }

    public Flag<TimeSpan> GetConfigInterval { get; }

    public Flag<TimeSpan> GetConfigTimeout { get; }

    public PathOrContent HttpClient { get; }

    public Flag<string> TsdbPath { get; }

    public PathOrContent ObjectStorage { get; }

    public ShipperFlags Shipper { get; }

    public StoreLimitFlags Limits { get; }

    public Flag<TimeOrDuration> MinTime { get; }
}

/// <summary>Flags of the shipper; reference/cli-flags.md §2.7.</summary>
public sealed class ShipperFlags
{
    private const string Sha256 = "SHA256";

    public ShipperFlags(FlagSet flags)
    {
        UploadCompacted = flags.Bool(
            "shipper.upload-compacted", "Ship compacted blocks too: to bring in the history of a Prometheus that has run for a while.");
        IgnoreUnequalBlockSize = flags.Bool(
            "shipper.ignore-unequal-block-size", "Do not ask that Prometheus's shortest and longest block are the same.", hidden: true);
        AllowOutOfOrderUploads = flags.Bool(
            "shipper.allow-out-of-order-uploads", "Go on with later blocks when one could not be shipped.", hidden: true);
        SkipCorruptedBlocks = flags.Bool("shipper.skip-corrupted-blocks", "Go on without blocks that can't be read.", hidden: true);
        HashFunc = flags.Enum("hash-func", "Hash of each file kept in meta.json: SHA256, or nothing for none.", [Sha256, ""], "");
        MetaFileName = flags.String(
            "shipper.meta-file-name", "Name of the file inside the TSDB's directory that notes what was shipped.", ShipperState.DefaultFileName);
        UploadConcurrency = flags.Int("shipper.upload-concurrency", "Files of a block uploaded at once; 0 for one after the other.", "0");
    }

    public Flag<bool> UploadCompacted { get; }

    public Flag<bool> IgnoreUnequalBlockSize { get; }

    public Flag<bool> AllowOutOfOrderUploads { get; }

    public Flag<bool> SkipCorruptedBlocks { get; }

    public Flag<string> HashFunc { get; }

    public Flag<string> MetaFileName { get; }

    public Flag<int> UploadConcurrency { get; }

    /// <exception cref="ComponentException">A value is out of range.</exception>
    public ShipperOptions Options(ParsedFlags flags, string dataDirectory)
    {
        string name = flags.Get(MetaFileName);
        if (name.Length == 0 || name != Path.GetFileName(name) || name is "." or "..")
            throw new ComponentException($"--{MetaFileName.Name} must be a file's name without a folder, got \"{name}\"");
        int concurrency = flags.Get(UploadConcurrency);
        if (concurrency < 0) throw new ComponentException($"--{UploadConcurrency.Name} must be 0 or more, got {concurrency}");
        return new ShipperOptions
        {
            DataDirectory = dataDirectory,
            Source = BlockSource.Sidecar,
            StateFileName = name,
            UploadCompacted = flags.Get(UploadCompacted),
            AllowOutOfOrderUploads = flags.Get(AllowOutOfOrderUploads),
            SkipCorruptedBlocks = flags.Get(SkipCorruptedBlocks),
            Upload = new BlockUploadOptions { Concurrency = Math.Max(1, concurrency), Sha256 = flags.Get(HashFunc) == Sha256 },
        };
    }
}
