using Aion.Model;
using Aion.StoreApi;
using Grpc.Net.Client;

namespace Aion.Query.Tests;

/// <summary>An endpoint that takes connections and never answers, beside one that does.</summary>
public sealed class SilentPeerTests
{
    [Theory]
    [InlineData("rules", "rules")]
    [InlineData("targets", "targets")]
    [InlineData("metadata", "metadata")]
    [InlineData("query_exemplars?query=up", "exemplars")]
    [InlineData("status/tsdb", "TSDB statistics")]
    public async Task An_endpoint_that_stays_silent_is_a_warning(string path, string what)
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using var channel = GrpcChannel.ForAddress($"http://{listener.LocalEndpoint}");
        var silent = new ApiPeer("silent:1", channel.CreateCallInvoker(), IsQuerier: false, [Labels.Empty]);
        await using ApiServer api = await ApiServer.StartAsync(
            new FakeSource(), new QueryApiOptions(), peers: served => [.. RecordedPeers.With(served), silent], silence: TimeSpan.FromMilliseconds(200));

        ApiReply reply = await api.GetAsync("/api/v1/" + path);

        Assert.Equal(200, reply.Status);
        Assert.Contains($"receiving {what} from {what} client silent:1: failed to receive any data in 200ms", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_answers_must_be_whole_it_fails_the_request()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using var channel = GrpcChannel.ForAddress($"http://{listener.LocalEndpoint}");
        var options = new QueryApiOptions { FleetPartialResponse = new FleetPartialResponse(false, false, false, false, false) };
        await using ApiServer api = await ApiServer.StartAsync(
            new FakeSource(), options, peers: _ => [new ApiPeer("silent:1", channel.CreateCallInvoker(), IsQuerier: false, [])], silence: TimeSpan.FromMilliseconds(200));

        ApiReply reply = await api.GetAsync("/api/v1/rules");

        Assert.Equal(500, reply.Status);
        Assert.Contains("error retrieving rules: receiving rules from rules client silent:1: failed to receive any data in 200ms", reply.Text, StringComparison.Ordinal);
    }
}
