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
        Reloader = new ReloaderFlags(flags);
        RequestLog = new RequestLogFlags(flags);
        ObjectStorage = CommonFlags.ObjectStorage(flags, required: false);
        Shipper = new ShipperFlags(flags);
        Limits = new StoreLimitFlags(flags);
        MinTime = flags.TimeOrDuration(
            "min-time",
            "Oldest time served: an RFC 3339 time, or a duration from now such as -1d. Older samples are left to the bucket.",
            "0000-01-01T00:00:00Z");
    }

    public RequestLogFlags RequestLog { get; }

    public HttpFlags Http { get; }

    public GrpcFlags Grpc { get; }

    public Flag<Uri> PrometheusUrl { get; }

    public Flag<TimeSpan> ReadyTimeout { get; }

    public Flag<TimeSpan> GetConfigInterval { get; }

    public Flag<TimeSpan> GetConfigTimeout { get; }

    public PathOrContent HttpClient { get; }

    public Flag<string> TsdbPath { get; }

    public ReloaderFlags Reloader { get; }

    public PathOrContent ObjectStorage { get; }

    public ShipperFlags Shipper { get; }

    public StoreLimitFlags Limits { get; }

    public Flag<TimeOrDuration> MinTime { get; }
}

/// <summary>Flags of the configuration reloader; reference/cli-flags.md §3.</summary>
public sealed class ReloaderFlags
{
    private const string Http = "http";
    private const string Signal = "signal";

    private readonly Flag<string> _configFile;
    private readonly Flag<string> _outputFile;
    private readonly Flag<IReadOnlyList<string>> _ruleDirectories;
    private readonly Flag<TimeSpan> _watchInterval;
    private readonly Flag<TimeSpan> _retryInterval;
    private readonly Flag<string> _method;
    private readonly Flag<string> _processName;

    public ReloaderFlags(FlagSet flags)
    {
        _configFile = flags.String("reloader.config-file", "Configuration of Prometheus that is watched.", "");
        _outputFile = flags.String(
            "reloader.config-envsubst-file", "Where that configuration is written with each $(NAME) replaced by the variable's value.", "");
        _ruleDirectories = flags.Strings("reloader.rule-dir", "Folder of rule files that is watched (may be given more than once).");
        _watchInterval = flags.GoDuration(
            "reloader.watch-interval", "How often the files are read again, beside what the file system tells; 0 to write the configuration once.", "3m");
        _retryInterval = flags.GoDuration("reloader.retry-interval", "The pause after a reload that failed.", "5s");
        _method = flags.Enum("reloader.method", "How Prometheus is told: http or signal.", [Http, Signal], Http);
        _processName = flags.String("reloader.process-name", "Name of the process that gets the signal.", "prometheus");
    }

    /// <exception cref="ComponentException">Values do not go together.</exception>
    public ReloaderOptions Options(ParsedFlags flags)
    {
        var options = new ReloaderOptions
        {
            ConfigFile = flags.Get(_configFile),
            OutputFile = flags.Get(_outputFile),
            RuleDirectories = flags.Get(_ruleDirectories),
            WatchInterval = flags.Get(_watchInterval),
            RetryInterval = flags.Get(_retryInterval),
        };
        if (options.OutputFile.Length > 0 && options.ConfigFile.Length == 0)
            throw new ComponentException($"--{_outputFile.Name} needs --{_configFile.Name}");
        if (options.OutputFile.Length > 0 && Path.GetFullPath(options.OutputFile) == Path.GetFullPath(options.ConfigFile))
            throw new ComponentException($"--{_outputFile.Name} must not be the file of --{_configFile.Name}");
        if (options.WatchInterval < TimeSpan.Zero) throw new ComponentException($"--{_watchInterval.Name} must be 0 or more");
        if (options.RetryInterval <= TimeSpan.Zero) throw new ComponentException($"--{_retryInterval.Name} must be more than 0");
        return options;
    }

    public IReloadTrigger Trigger(ParsedFlags flags, PrometheusClient client, TimeProvider time) =>
        flags.Get(_method) == Signal ? new SignalReload(client, flags.Get(_processName), time) : new HttpReload(client);
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
