using System.Text.Json;
using Aion.Testing;

namespace Aion.Hosting.Tests;

/// <summary>Token rules, error texts and exit codes of reference/cli-conventions.md.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("query --output=a=b", "a=b")]
    [InlineData("query --output=", "")]
    [InlineData("query --output x", "x")]
    [InlineData("query -ox", "x")]
    [InlineData("query -o x", "x")]
    [InlineData("query -o=x", "=x")]
    [InlineData("query -rwox", "x")]
    [InlineData("query --output -", "")]
    [InlineData("--log.level=debug query --output=x", "x")]
    [InlineData("query --output=x --log.level=debug", "x")]
    [InlineData("query --output=@nofile", "@nofile")]
    public async Task A_value_follows_its_flag(string line, string expected)
    {
        SampleProgram program = new();

        Assert.Equal((0, ""), (await program.RunAsync(line.Split(' ')), LogOf(program)));
        Assert.Equal(expected, program.Flags!.Get(program.Handles.Output));
    }

    [Theory]
    [InlineData("zz", "expected command but got \"zz\"")]
    [InlineData("query --zz", "unknown long flag '--zz'")]
    [InlineData("query --no-zz", "unknown long flag '--no-zz'")]
    [InlineData("query --no-output", "unknown long flag '--no-output'")]
    [InlineData("query -z", "unknown short flag '-z'")]
    [InlineData("query zz", "unexpected zz")]
    [InlineData("query --query.auto-downsampling=true", "unexpected true")]
    [InlineData("query --query.auto-downsampling=", "unexpected ")]
    [InlineData("query --query.timeout", "expected argument for flag '--query.timeout'")]
    [InlineData("query --min-time -2h", "expected argument for flag '--min-time'")]
    [InlineData("query -o", "expected argument for flag '-o'")]
    [InlineData("--query.timeout=1m query", "unknown long flag '--query.timeout'")]
    [InlineData("query --query.timeo=1m", "unknown long flag '--query.timeo'")]
    [InlineData("query -- --output=x", "unexpected --output=x")]
    [InlineData("query --query.timeout=zz --zz", "unknown long flag '--zz'")]
    [InlineData("help zz", "expected command but got \"zz\"")]
    [InlineData("query @", "expected @ file to expand arguments from")]
    [InlineData("query --query.active-query-path=x", "flag '--query.active-query-path' is not supported: running queries are not written to disk")]
    public async Task Errors_of_form_are_one_line_and_exit_1(string line, string message)
    {
        SampleProgram program = new();

        Assert.Equal(1, await program.RunAsync(line.Split(' ')));
        Assert.Equal($"aion: error: {message}\n", program.Error);
        Assert.Null(program.Flags);
    }

    [Theory]
    [InlineData("query --query.timeout=abc", "not a valid duration string: \"abc\"")]
    [InlineData("query --query.timeout=", "empty duration string")]
    [InlineData("query --query.lookback-delta=1y", "time: unknown unit \"y\" in duration \"1y\"")]
    [InlineData("query --query.promql-engine=zz", "enum value must be one of prometheus,thanos, got 'zz'")]
    [InlineData("query --query.max-concurrent=x", "strconv.ParseFloat: parsing \"x\": invalid syntax")]
    [InlineData("query --query.max-concurrent=0x10", "strconv.ParseFloat: parsing \"0x10\": invalid syntax")]
    [InlineData("query --query.timeout=1m --query.timeout=2m", "flag 'query.timeout' cannot be repeated")]
    [InlineData("query --wait --wait", "flag 'wait' cannot be repeated")]
    [InlineData("query --chunk-pool-size=zz", "units: invalid zz")]
    [InlineData("query --min-time=zz", "not a valid duration string: \"zz\"")]
    [InlineData("query --prometheus.url=:::bad", "invalid URL: parse \":::bad\": missing protocol scheme")]
    [InlineData("query --log.level=zz", "enum value must be one of error,warn,info,debug, got 'zz'")]
    [InlineData("tools", "must select a subcommand of 'tools'")]
    [InlineData("tools bucket", "must select a subcommand of 'tools bucket'")]
    [InlineData("tools bucket mark", "required flag(s) '--id', '--marker' not provided")]
    public async Task Errors_of_value_show_usage_and_exit_2(string line, string message)
    {
        SampleProgram program = new();

        Assert.Equal(2, await program.RunAsync(line.Split(' ')));
        Assert.StartsWith("usage: aion ", program.Error);
        Assert.EndsWith($"\nerror parsing commandline arguments: [aion {line}]: {message}\n", program.Error);
    }

    [Fact]
    public async Task Values_come_out_typed()
    {
        SampleProgram program = new();
        string[] line =
        [
            "query", "--query.timeout=1d12h", "--query.lookback-delta=1.5h", "--query.max-concurrent=2.9", "--query.auto-downsampling",
            "--no-query.partial-response", "--query.replica-label=a,b", "--query.replica-label=c", "--query.quantiles=7", "--endpoint=dns+a:1",
            "--chunk-pool-size=1GB512MB", "--min-time=-2h", "--int64=0x10", "--uint64=1_000", "--ratio=1e3",
        ];

        Assert.Equal(0, await program.RunAsync(line));
        (ParsedFlags flags, SampleFlags handles) = (program.Flags!, program.Handles);
        Assert.Equal(TimeSpan.FromHours(36), flags.Get(handles.Timeout));
        Assert.Equal(TimeSpan.FromMinutes(90), flags.Get(handles.Lookback));
        Assert.Equal(2, flags.Get(handles.Concurrency));
        Assert.True(flags.Get(handles.AutoDownsampling));
        Assert.False(flags.Get(handles.PartialResponse));
        Assert.Equal(["a,b", "c"], flags.Get(handles.ReplicaLabels));
        Assert.Equal([7.0], flags.Get(handles.Quantiles));
        Assert.Equal(["dns+a:1"], flags.Get(handles.Endpoints));
        Assert.Equal(1536L << 20, flags.Get(handles.Pool));
        Assert.Equal(TimeSpan.FromHours(-2), flags.Get(handles.MinTime).FromNow);
        Assert.Equal((16, 1000UL, 1000.0), (flags.Get(handles.Small), flags.Get(handles.Large), flags.Get(handles.Ratio)));
        Assert.True(flags.IsGiven(handles.Timeout));
        Assert.False(flags.IsGiven(handles.Url));
    }

    [Fact]
    public async Task Defaults_hold_when_a_flag_is_absent()
    {
        SampleProgram program = new();

        Assert.Equal(0, await program.RunAsync(["query"]));
        (ParsedFlags flags, SampleFlags handles) = (program.Flags!, program.Handles);
        Assert.Equal("0.0.0.0:10902", flags.Get(handles.Http.Address));
        Assert.Equal(TimeSpan.FromMinutes(60), flags.Get(handles.Grpc.MaxConnectionAge));
        Assert.Equal([0.1, 0.25], flags.Get(handles.Quantiles));
        Assert.Equal(TimeSpan.Zero, flags.Get(handles.Lookback));
        Assert.Empty(flags.Get(handles.Endpoints));
        Assert.Equal(2L << 30, flags.Get(handles.Pool));
        Assert.Equal(new Uri("http://localhost:9090"), flags.Get(handles.Url));
        Assert.Equal(-62167219200000, flags.Get(handles.MinTime).FixedMs);
    }

    [Fact]
    public async Task Flags_as_text_are_those_of_the_command_with_secrets_masked()
    {
        SampleProgram program = new();

        Assert.Equal(0, await program.RunAsync(["query", "--log.level=debug", "--query.timeout=48h", "--objstore.config=secret", "--endpoint=a:1", "--endpoint=b:1"]));
        Dictionary<string, string> texts = program.Flags!.Texts().ToDictionary(StringComparer.Ordinal);
        Assert.Equal(("2d", "1h0m0s", "<REDACTED>", "a:1,b:1", "false"),
            (texts["query.timeout"], texts["grpc-server-max-connection-age"], texts["objstore.config"], texts["endpoint"], texts["wait"]));
        Assert.DoesNotContain("log.level", texts.Keys);
        Assert.DoesNotContain("query.active-query-path", texts.Keys);
    }

    [Fact]
    public async Task An_argument_file_is_read_a_line_a_token()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("args");
        await File.WriteAllTextAsync(file, "# comment\nquery\n\n--output\na b \"c\"\n--wait\n", TestContext.Current.CancellationToken);
        SampleProgram program = new();

        Assert.Equal(0, await program.RunAsync(["@" + file]));
        Assert.Equal("a b \"c\"", program.Flags!.Get(program.Handles.Output));
        Assert.True(program.Flags.Get(program.Handles.Wait));
    }

    [Fact]
    public async Task An_argument_file_that_names_itself_is_an_error()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("args");
        await File.WriteAllTextAsync(file, "@" + file + "\n", TestContext.Current.CancellationToken);
        SampleProgram program = new();

        Assert.Equal(1, await program.RunAsync(["query", "@" + file]));
        Assert.Contains("does one name itself?", program.Error);
        Assert.Equal(1, await new SampleProgram().RunAsync(["query", "@" + file + ".absent"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public async Task Help_of_the_program_lists_flags_and_commands(string line)
    {
        SampleProgram program = new();

        Assert.Equal(0, await program.RunAsync(line.Length == 0 ? [] : line.Split(' ')));
        Assert.StartsWith("usage: aion [<flags>] <command> [<args> ...]\n\n", program.Error);
        Assert.Contains("\n  -h, --[no-]help", program.Error);
        Assert.Contains("\n      --log.level=info", program.Error);
        Assert.Contains("\nhelp [<command>...]\n    Show help.\n", program.Error);
        Assert.Contains("\nquery [<flags>]\n    Query node.\n", program.Error);
        Assert.Contains("\ntools bucket mark --id=ID --marker=MARKER [<flags>]\n    Mark blocks.\n", program.Error);
        Assert.DoesNotContain("debug.name", program.Error);
    }

    [Theory]
    [InlineData("query --help")]
    [InlineData("help query")]
    [InlineData("query --help --query.timeout=zz")]
    public async Task Help_of_a_command_lists_its_flags_in_order(string line)
    {
        SampleProgram program = new();

        Assert.Equal(0, await program.RunAsync(line.Split(' ')));
        Assert.StartsWith("usage: aion query [<flags>]\n\nQuery node.\n\nFlags:\n", program.Error);
        Assert.All(program.Error.Split('\n'), l => Assert.True(l.Length <= 80, l));
        int http = program.Error.IndexOf("--http-address=\"0.0.0.0:10902\"", StringComparison.Ordinal);
        Assert.True(http > 0 && http < program.Error.IndexOf("--grpc-address=", StringComparison.Ordinal));
        Assert.DoesNotContain("active-query-path", program.Error);
    }

    [Fact]
    public async Task Version_wins_over_a_bad_line()
    {
        SampleProgram program = new();

        Assert.Equal(0, await program.RunAsync(["query", "--version", "--zz"]));
        Assert.StartsWith("aion, version 1.2.3 (branch: main, revision: abc)\n", program.Error);
    }

    [Fact]
    public async Task Long_help_goes_to_standard_output()
    {
        SampleProgram program = new();

        Assert.Equal(0, await program.RunAsync(["--help-long"]));
        Assert.Equal("", program.Error);
        Assert.Contains("--query.timeout=2m", program.Output);
    }

    [Fact]
    public async Task The_journal_format_is_refused()
    {
        SampleProgram program = new();

        Assert.Equal(1, await program.RunAsync(["query", "--log.format=journald"]));
        Assert.Equal("failed to create logger: the journald format is not supported; use logfmt or json\n", program.Error);
    }

    /// <summary>The flags of the common groups are shown by upstream's help exactly so.</summary>
    [Fact]
    public async Task Common_flags_look_like_upstreams()
    {
        string path = SharedFolder.Require("golden", "wire", "help", "query.jsonl");
        SampleProgram program = new();
        Assert.Equal(0, await program.RunAsync(["query", "--help"]));
        string[] unsupported = ["enable-auto-gomemlimit", "auto-gomemlimit.ratio", "grpc-server-tls-ciphers", "grpc-server-tls-curves"];
        string[] ours = ["help", "version", "log.", "http", "grpc-server", "grpc-address", "grpc-grace", "store.limits", "tracing.", "query.timeout", "query.max-concurrent"];

        foreach (string line in await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken))
        {
            JsonElement flag = JsonDocument.Parse(line).RootElement;
            if (!flag.TryGetProperty("flag", out JsonElement name) || flag.GetProperty("hidden").GetBoolean()) continue;
            if (unsupported.Contains(name.GetString()) || !ours.Any(prefix => name.GetString()!.StartsWith(prefix, StringComparison.Ordinal))) continue;
            if (name.GetString() == "query.max-concurrent-select") continue;
            Assert.Contains(program.Error.Split('\n'), l => l.Trim() == flag.GetProperty("shown_as").GetString() || l.Trim().StartsWith(flag.GetProperty("shown_as").GetString() + "  ", StringComparison.Ordinal));
        }
    }

    private static string LogOf(SampleProgram program) => program.Error.Replace("ts=2026-01-02T03:04:05Z caller=AionApplication.cs:", "", StringComparison.Ordinal) is { } log
        && log.EndsWith(" level=info msg=exiting\n", StringComparison.Ordinal) ? "" : program.Error;
}
