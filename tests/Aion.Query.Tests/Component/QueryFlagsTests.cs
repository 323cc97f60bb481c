using System.Text;
using System.Text.Json.Nodes;
using Aion.Hosting;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.Query.Tests;

public sealed class QueryFlagsTests
{
    [Fact]
    public async Task Defaults_are_those_of_Thanos()
    {
        QueryApiOptions options = await OptionsAsync();

        Assert.Equal(TimeSpan.FromMinutes(2), options.Timeout);
        Assert.Equal(20, options.MaxConcurrent);
        Assert.Equal(4, options.MaxConcurrentSelect);
        Assert.Equal(TimeSpan.Zero, options.LookbackDelta);
        Assert.True(options.DynamicLookbackDelta);
        Assert.True(options.PartialResponse);
        Assert.Empty(options.ReplicaLabels);
        Assert.Equal(TimeSpan.FromSeconds(1), options.DefaultStep);
        Assert.Equal(TimeSpan.FromMinutes(1), options.DefaultEvaluationInterval);
        Assert.False(options.Parser.ExperimentalFunctions);
        Assert.Equal("THANOS-TENANT", options.Tenancy.Header);
        Assert.InRange(options.MaxMemoryBytes, 1, long.MaxValue);
    }

    [Fact]
    public async Task Replica_labels_are_split_sorted_and_unique() =>
        Assert.Equal(["a", "b", "c"], (await OptionsAsync("--query.replica-label=c,a", "--query.replica-label=b, a")).ReplicaLabels);

    [Fact]
    public async Task Features_change_the_language()
    {
        QueryApiOptions options = await OptionsAsync("--enable-feature=promql-experimental-functions", "--enable-feature=promql-delayed-name-removal", "--enable-feature=query-pushdown");

        Assert.True(options.Parser.ExperimentalFunctions);
        Assert.True(options.DelayedNameRemoval);
    }

    [Theory]
    [InlineData("--enable-feature=nonsense", "there is no feature \\\"nonsense\\\"")]
    [InlineData("--query.mode=distributed", "--query.mode=distributed is not supported yet")]
    [InlineData("--query.timeout=0s", "--query.timeout must be more than 0s")]
    [InlineData("--query.lookback-delta=-1m", "--query.lookback-delta must not be negative")]
    [InlineData("--query.telemetry.request-samples-quantiles=5 --query.telemetry.request-samples-quantiles=5", "bounds must ascend")]
    [InlineData("--query.partition-label=x", "query.partition-label")]
    [InlineData("--query.active-query-path=x", "query.active-query-path")]
    public async Task What_cannot_be_honoured_is_refused_by_name(string arguments, string message)
    {
        (QueryApiOptions? options, string error) = await RunAsync(arguments.Split(' '));

        Assert.Null(options);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flag_of_Thanos_is_known_with_its_default()
    {
        string file = SharedFolder.Require("golden", "wire", "help", "query.jsonl");
        var declared = new FlagSet();
        _ = new QueryFlags(declared);
        Dictionary<string, Flag> ours = declared.Flags.ToDictionary(f => f.Name);
        string[] global = ["help", "version", "log.level", "log.format", "tracing.config-file", "tracing.config", "enable-auto-gomemlimit", "auto-gomemlimit.ratio", "debug.name"];
        var wrong = new List<string>();

        foreach (JsonNode flag in File.ReadLines(file).Select(l => JsonNode.Parse(l)!).Where(f => f["flag"] is not null))
        {
            var name = (string)flag["flag"]!;
            if (global.Contains(name)) continue;
            if (!ours.TryGetValue(name, out Flag? own)) wrong.Add($"{name} is missing");
            else if (own.UnsupportedBecause is null) wrong.AddRange(Differences(flag, own));
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("a=\"b\"", "{a=\"b\"}")]
    [InlineData("a=`b\"c`", "{a=\"b\\\"c\"}")]
    [InlineData("a=\"x\\n\\u00fc\\x41=\"", "{a=\"x\\nüA=\"}")]
    public void Labels_are_names_and_literals(string text, string labels) => Assert.Equal(labels, LabelFlags.Parse([text]).ToString());

    [Theory]
    [InlineData("a")]
    [InlineData("a=b")]
    [InlineData("=\"b\"")]
    [InlineData("a=\"b")]
    [InlineData("a=\"b\"c\"")]
    [InlineData("a=\"\\q\"")]
    [InlineData("a=")]
    public void Other_labels_are_refused(string text) => Assert.Throws<ComponentException>(() => LabelFlags.Parse([text]));

    private static IEnumerable<string> Differences(JsonNode flag, Flag own)
    {
        if (own.IsHidden != (bool)flag["hidden"]!) yield return $"{own.Name}: hidden is {own.IsHidden}";
        if ((bool?)flag["boolean"] is { } boolean && own.IsBool != boolean) yield return $"{own.Name}: bool is {own.IsBool}";
        if ((bool?)flag["repeatable"] is { } repeatable && own.IsRepeatable != repeatable) yield return $"{own.Name}: repeatable is {own.IsRepeatable}";
        string shown = own.IsBool ? (own.Defaults.Count > 0 ? own.Defaults[0] : "false") : own.Defaults.Count > 1 ? own.Defaults[0] + "..." : own.Defaults.Count == 1 ? own.Defaults[0] : "";
        if ((string?)flag["default"] is { } wanted && wanted != shown) yield return $"{own.Name}: default is {shown}, wanted {wanted}";
    }

    private static async Task<QueryApiOptions> OptionsAsync(params string[] arguments)
    {
        (QueryApiOptions? options, string error) = await RunAsync(arguments);
        Assert.True(options is not null, error);
        return options;
    }

    private static async Task<(QueryApiOptions? Options, string Error)> RunAsync(string[] arguments)
    {
        QueryApiOptions? options = null;
        ComponentDefinition definition = ComponentDefinition.Create("query", "test", flags => new QueryFlags(flags), (declared, flags, context, _, _) =>
        {
            options = QueryOptionsReader.Api(declared, flags, NullLogger.Instance);
            return Task.CompletedTask;
        });
        using var error = new MemoryStream();
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = new BuildInformation("1", "r", "b") };

        await new AionApplication([definition]).RunAsync(["query", .. arguments], environment, error, TimeProvider.System, TestContext.Current.CancellationToken);

        return (options, Encoding.UTF8.GetString(error.ToArray()));
    }
}
