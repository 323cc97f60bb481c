using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Hosting.Tests;

/// <summary>What a command declares in these tests: upstream's common groups and one flag of each kind.</summary>
internal sealed class SampleFlags
{
    public SampleFlags(FlagSet flags)
    {
        Http = new HttpFlags(flags);
        Grpc = new GrpcFlags(flags);
        Limits = new StoreLimitFlags(flags);
        ObjectStorage = CommonFlags.ObjectStorage(flags, required: false);
        Timeout = flags.PrometheusDuration("query.timeout", "Longest time of a query.", "2m");
        Lookback = flags.GoDuration("query.lookback-delta", "Lookback.");
        Engine = flags.Enum("query.promql-engine", "Engine.", ["prometheus", "thanos"], "prometheus");
        Concurrency = flags.Int("query.max-concurrent", "Queries at once.", "20");
        AutoDownsampling = flags.Bool("query.auto-downsampling", "Downsampling.");
        PartialResponse = flags.Bool("query.partial-response", "Partial answers.", @default: true);
        ReplicaLabels = flags.Strings("query.replica-label", "Replica labels.");
        Quantiles = flags.Floats("query.quantiles", "Buckets.", ["0.1", "0.25"]);
        Endpoints = flags.Addresses("endpoint", "Endpoints.", placeHolder: "<endpoint>");
        Pool = flags.Size("chunk-pool-size", "Pool.", "2GB");
        MinTime = flags.TimeOrDuration("min-time", "Lower bound.", "0000-01-01T00:00:00Z");
        Url = flags.Url("prometheus.url", "Prometheus.", "http://localhost:9090");
        Small = flags.Int64("int64", "A number.", "1");
        Large = flags.UInt64("uint64", "A number.", "0");
        Ratio = flags.Float("ratio", "A ratio.", "100");
        Wait = flags.Bool("wait", "Wait.", @short: 'w');
        Repair = flags.Bool("repair", "Repair.", @short: 'r');
        Output = flags.String("output", "Form of the output.", "", @short: 'o');
        flags.Unsupported("query.active-query-path", "running queries are not written to disk");
    }

    public HttpFlags Http { get; }

    public GrpcFlags Grpc { get; }

    public StoreLimitFlags Limits { get; }

    public PathOrContent ObjectStorage { get; }

    public Flag<TimeSpan> Timeout { get; }

    public Flag<TimeSpan> Lookback { get; }

    public Flag<string> Engine { get; }

    public Flag<int> Concurrency { get; }

    public Flag<bool> AutoDownsampling { get; }

    public Flag<bool> PartialResponse { get; }

    public Flag<IReadOnlyList<string>> ReplicaLabels { get; }

    public Flag<IReadOnlyList<double>> Quantiles { get; }

    public Flag<IReadOnlyList<string>> Endpoints { get; }

    public Flag<long> Pool { get; }

    public Flag<Aion.Model.TimeOrDuration> MinTime { get; }

    public Flag<Uri> Url { get; }

    public Flag<long> Small { get; }

    public Flag<ulong> Large { get; }

    public Flag<double> Ratio { get; }

    public Flag<bool> Wait { get; }

    public Flag<bool> Repair { get; }

    public Flag<string> Output { get; }
}

#pragma warning disable CA1001 // a memory stream holds nothing to give back
/// <summary>The program with sample commands; remembers what the last one was set up with.</summary>
internal sealed class SampleProgram
{
    private readonly AionApplication _application;
    private readonly MemoryStream _error = new();

    public SampleProgram(ComponentSetup<SampleFlags>? setup = null)
    {
        SampleFlags Declare(FlagSet flags) => Handles = new SampleFlags(flags);
        CommandGroup bucket = new("tools bucket", "Bucket tools.");
        Bucket = CommonFlags.ObjectStorage(bucket.Flags, required: true);
        _application = new AionApplication(
        [
            ComponentDefinition.Create("query", "Query node.", Declare, (handles, flags, context, group, cancellationToken) =>
            {
                Flags = flags;
                return setup?.Invoke(handles, flags, context, group, cancellationToken) ?? Task.CompletedTask;
            }),
            ComponentDefinition.Create("tools bucket mark", "Mark blocks.", flags =>
            {
                flags.Strings("id", "Blocks.", required: true);
                flags.Enum("marker", "Marker.", ["deletion-mark.json"], required: true);
                return 0;
            }, (_, _, _, _, _) => Task.CompletedTask),
        ], [bucket]);
    }

    public SampleFlags Handles { get; private set; } = null!;

    public PathOrContent Bucket { get; }

    /// <summary>Null when no command was set up.</summary>
    public ParsedFlags? Flags { get; private set; }

    public string Output { get; private set; } = "";

    public string Error => Encoding.UTF8.GetString(_error.ToArray());

    public TimeProvider Time { get; init; } = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public async Task<int> RunAsync(string[] arguments, CancellationToken stopping = default)
    {
        StringWriter output = new();
        ComponentEnvironment environment = new()
        {
            Variable = name => name == "REGION" ? "eu" : null,
            Output = output,
            Build = new BuildInformation("1.2.3", "abc", "main"),
        };
        int code = await _application.RunAsync(arguments, environment, _error, Time, stopping);
        Output = output.ToString();
        return code;
    }
}
