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
    };

    [Fact]
    public async Task Recorded_calls_are_answered_alike()
    {
        using var topology = new WireTopology();
        await using LoopbackServer server = await LoopbackServer.StartAsync(topology.Proxy());
        using var channel = GrpcChannel.ForAddress($"http://{server.Address}", new GrpcChannelOptions { MaxReceiveMessageSize = null });

        await GrpcCaseRunner.AssertAsync(
            channel.CreateCallInvoker(), [.. GrpcCaseRunner.Load("query").Where(c => c.Service == "thanos.Store")],
            [.. SharedFolder.ListBeside("known-failing-wire-grpc.txt").Select(line => line.Split(' ')[0])], Faults);
    }
}
