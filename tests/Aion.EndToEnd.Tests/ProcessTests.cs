using System.Net;
using System.Net.Sockets;
using Aion.Testing;

namespace Aion.EndToEnd.Tests;

/// <summary>What an operator sees of the process itself: exit codes, one-line errors, probes, metrics.</summary>
[Collection("processes")]
public sealed class ProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("--help", 0, "standalone")]
    [InlineData("--version", 0, "version")]
    [InlineData("--nonsense", 1, "nonsense")]
    [InlineData("nonsense", 1, "nonsense")]
    public async Task The_command_line_answers_with_the_right_status(string argument, int status, string text)
    {
        (int exit, string output) = await RunningProcess.RunAsync(AionProcess.Binary, [argument], Patience);

        Assert.Equal(status, exit);
        Assert.Contains(text, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("receive")]
    [InlineData("rule")]
    [InlineData("query-frontend")]
    public async Task A_component_that_is_not_built_yet_is_refused_by_name(string component)
    {
        (int exit, string output) = await RunningProcess.RunAsync(AionProcess.Binary, [component], Patience);

        Assert.Equal(1, exit);
        Assert.Contains(component, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_port_is_one_line_and_status_1()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        (int exit, string output) = await RunningProcess.RunAsync(
            AionProcess.Binary, ["query", $"--http-address=127.0.0.1:{port}", "--grpc-address=127.0.0.1:0"], Patience);

        Assert.Equal(1, exit);
        string error = Assert.Single(output.Split('\n'), l => l.Contains("level=error", StringComparison.Ordinal));
        Assert.Contains($"{port}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_bucket_configuration_names_the_field()
    {
        using var temp = new TempDirectory();
        File.WriteAllText(temp.Combine("bucket.yml"), "type: FILESYSTEM\nconfig:\n  folder: /x\n");

        (int exit, string output) = await RunningProcess.RunAsync(
            AionProcess.Binary, ["store", $"--objstore.config-file={temp.Combine("bucket.yml")}", "--http-address=127.0.0.1:0", "--grpc-address=127.0.0.1:0"],
            Patience);

        Assert.Equal(1, exit);
        string error = Assert.Single(output.Split('\n'), l => l.Contains("level=error", StringComparison.Ordinal));
        Assert.Contains("config.directory", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_node_has_probes_metrics_and_a_clean_end()
    {
        await using AionProcess query = await AionProcess.StartAsync("query");

        Assert.Equal("OK", await Api.Client.GetStringAsync($"{query.Http}/-/healthy"));
        Assert.Equal("OK", await Api.Client.GetStringAsync($"{query.Http}/-/ready"));
        string metrics = await Api.Client.GetStringAsync($"{query.Http}/metrics");
        Assert.Contains(metrics.Split('\n'), l => l.StartsWith("thanos_status{", StringComparison.Ordinal) && l.Contains("check=\"ready\"", StringComparison.Ordinal)
            && l.Contains("component=\"query\"", StringComparison.Ordinal) && l.EndsWith(" 1", StringComparison.Ordinal));
        Assert.Contains("thanos_build_info", metrics, StringComparison.Ordinal);
        Assert.Equal(0, await query.Process.StopAsync());
        Assert.Contains("msg=exiting", query.Process.Output, StringComparison.Ordinal);
    }
}
