using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Aion.Testing;

namespace Aion.Hosting.Tests;

/// <summary>How a component's life shows outside: log lines and exit codes of reference/cli-conventions.md §3 and §7.</summary>
public sealed class AionApplicationTests
{
    [Fact]
    public async Task An_error_in_setup_is_one_line_and_exit_1()
    {
        SampleProgram program = new((_, _, _, _, _) => throw new ComponentException("parse labels", new ComponentException("unrecognized label \"zz\"")));

        Assert.Equal(1, await program.RunAsync(["query"]));
        Assert.Equal("ts=T caller=C level=error err=\"unrecognized label \\\"zz\\\"\\nparse labels\\npreparing query command failed\"\n", Log(program));
    }

    [Fact]
    public async Task An_error_while_running_names_the_command()
    {
        SampleProgram program = new((_, _, _, group, _) =>
        {
            group.Add("a", _ => throw new ComponentException("opening tsdb directory"));
            return Task.CompletedTask;
        });

        Assert.Equal(1, await program.RunAsync(["query", "--log.format=json"]));
        Assert.Contains("\"err\":\"opening tsdb directory\\nquery command failed\",\"level\":\"error\"", program.Error);
    }

    [Fact]
    public async Task A_defect_keeps_its_stack()
    {
        SampleProgram program = new((_, _, _, _, _) => throw new InvalidOperationException("odd"));

        Assert.Equal(1, await program.RunAsync(["query"]));
        Assert.Contains("err=\"odd\\npreparing query command failed\\nSystem.InvalidOperationException\\n   at ", program.Error);
    }

    [Fact]
    public async Task A_clean_end_and_a_stop_exit_0()
    {
        using CancellationTokenSource stop = new();
        SampleProgram program = new((_, _, _, group, _) =>
        {
            group.Add("a", async cancellationToken =>
            {
                await stop.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            });
            return Task.CompletedTask;
        });

        Assert.Equal(0, await program.RunAsync(["query"], stop.Token));
        Assert.Equal("ts=T caller=C level=info msg=exiting\n", Log(program));
        Assert.Equal(0, await new SampleProgram().RunAsync(["query"]));
    }

    [Fact]
    public async Task Servers_log_their_life_as_upstream_does()
    {
        using CancellationTokenSource stop = new();
        SampleProgram program = new(async (handles, flags, context, group, _) =>
        {
            HttpServer http = new(context, handles.Http.Options(flags));
            GrpcServer grpc = new(context, handles.Grpc.Options(flags), _ => { });
            http.AddTo(group);
            grpc.AddTo(group, async _ =>
            {
                await http.Listening;
                context.Probe.SetReady();
            });
            group.Add("stopper", async cancellationToken =>
            {
                await grpc.Listening;
                await stop.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            });
        })
        {
            Time = TimeProvider.System,
        };

        Assert.Equal(0, await program.RunAsync(["query", "--http-address=127.0.0.1:0", "--grpc-address=127.0.0.1:0"], stop.Token));

        Assert.Equal("""
            level=info protocol=gRPC msg="disabled TLS, key and cert must be set to enable"
            level=info msg="changing probe status" status=healthy
            level=info service=http/server component=query msg="listening for requests and metrics" address=A
            level=info service=http/server component=query msg="Listening on" address=A
            level=info service=http/server component=query msg="TLS is disabled." http2=false address=A
            level=info msg="changing probe status" status=ready
            level=info service=gRPC/server component=query msg="listening for serving gRPC" address=A
            level=warn msg="changing probe status" status=not-ready reason=null
            level=info service=gRPC/server component=query msg="internal server is shutting down" err=null
            level=info service=gRPC/server component=query msg="gracefully stopping internal server"
            level=info service=gRPC/server component=query msg="internal server is shutdown gracefully" err=null
            level=info service=http/server component=query msg="internal server is shutting down" err=null
            level=info service=http/server component=query msg="internal server is shutdown gracefully" err=null
            level=info msg="changing probe status" status=not-healthy reason=null
            level=info msg=exiting

            """, Regex.Replace(Log(program).Replace("ts=T caller=C ", "", StringComparison.Ordinal), @"127\.0\.0\.1:\d+", "A"));
    }

    [Fact]
    public async Task A_busy_port_exits_1_with_its_address()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        SampleProgram program = new((handles, flags, context, group, _) =>
        {
            new HttpServer(context, handles.Http.Options(flags)).AddTo(group);
            return Task.CompletedTask;
        })
        {
            Time = TimeProvider.System,
        };

        Assert.Equal(1, await program.RunAsync(["query", $"--http-address={taken.LocalEndpoint}"]));
        Assert.EndsWith($"level=error err=\"listen tcp {taken.LocalEndpoint}: bind: address already in use\\nserve HTTP and metrics\\nquery command failed\"\n", program.Error);
        Assert.Contains("msg=\"changing probe status\" status=not-healthy reason=\"serve HTTP and metrics: listen tcp", program.Error);
        Assert.DoesNotContain("failed while stopping", program.Error);
        Assert.Single(program.Error.Split('\n'), line => line.Contains("level=error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_configuration_comes_from_file_or_flag_with_variables_replaced()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("bucket.yml");
        await File.WriteAllTextAsync(file, "region: $(REGION) $REGION ${REGION}", TestContext.Current.CancellationToken);

        Assert.Equal("region: eu $REGION ${REGION}", await ReadAsync("--objstore.config-file=" + file));
        Assert.Equal("a: eu", await ReadAsync("--objstore.config=a: $(REGION)"));
        Assert.Equal("", await ReadAsync());
        Assert.Equal("both objstore.config-file and objstore.config flags set.", await ReadAsync("--objstore.config=a", "--objstore.config-file=" + file));
        Assert.Equal("found reference to unset environment variable \"NOPE\"", await ReadAsync("--objstore.config=$(NOPE)"));
        Assert.StartsWith("loading file /nope for objstore.config-file: ", await ReadAsync("--objstore.config-file=/nope"));
    }

    private static async Task<string> ReadAsync(params string[] arguments)
    {
        string result = "";
        SampleProgram program = new(async (handles, flags, context, _, cancellationToken) =>
        {
            try
            {
                result = await handles.ObjectStorage.ReadAsync(flags, context.Environment, cancellationToken);
            }
            catch (ComponentException e)
            {
                result = e.Message;
            }
        });
        Assert.Equal(0, await program.RunAsync(["query", .. arguments]));
        return result;
    }

    private static string Log(SampleProgram program) => Regex.Replace(program.Error, @"ts=\S+ caller=\S+", "ts=T caller=C");
}
