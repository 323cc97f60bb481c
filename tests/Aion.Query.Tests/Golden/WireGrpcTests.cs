using Aion.StoreApi.Tests;
using Aion.Testing;
using Grpc.Core;
using Grpc.Net.Client;

namespace Aion.Query.Tests;

/// <summary>The recorded Store calls against a querier over two sidecars and a store, asked of our proxy over the same data.</summary>
public sealed class WireGrpcTests
{
    /// <summary>Where the recording shows a fault of the peer: the right status instead (reference/peer-faults.md).</summary>
    private static readonly Dictionary<string, StatusCode> Faults = new()
    {
        ["series/query/batch-negative"] = StatusCode.InvalidArgument, // C12
        ["queryrange/query/step-zero"] = StatusCode.InvalidArgument, // a panic there
    };

    [Fact]
    public async Task Recorded_calls_are_answered_alike()
    {
        using var topology = new WireTopology();
        await using LoopbackServer server = await LoopbackServer.StartAsync(topology.Proxy());
        using var channel = GrpcChannel.ForAddress($"http://{server.Address}", new GrpcChannelOptions { MaxReceiveMessageSize = null });

        await GrpcCaseRunner.AssertAsync(
            channel.CreateCallInvoker(), [.. GrpcCaseRunner.Load("query").Where(c => c.Service == "thanos.Store")],
            [.. SharedFolder.ListBeside("known-failing-wire-grpc.txt").Select(line => line.Split(' ')[0]).Where(id => !id.StartsWith("query", StringComparison.Ordinal))], Faults);
    }

    [Theory]
    [InlineData("query")]
    [InlineData("query-broken")]
    public async Task Recorded_queries_are_answered_alike(string component)
    {
        using var topology = new WireTopology();
        (IQuerySource source, QueryApiOptions options, _) = topology.Of(component);
        await using GrpcQueries queries = await GrpcQueries.StartAsync(source, options);

        await GrpcCaseRunner.AssertAsync(
            queries.Invoker, [.. GrpcCaseRunner.Load(component).Where(c => c.Service == "thanos.Query")],
            [.. SharedFolder.ListBeside("known-failing-wire-grpc.txt").Select(line => line.Split(' ')[0]).Where(id => id.Split('/')[1] == component)], Faults,
            // The peer's older library sums up the windows of rate in another order.
            alike: (ours, theirs) => JsonDifference.Of(theirs, ours, "", tolerance: 1e-12) is null);
    }
}
