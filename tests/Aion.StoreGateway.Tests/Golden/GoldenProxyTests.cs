using Aion.Protocol;
using Aion.StoreApi;
using Aion.StoreApi.Tests;
using Aion.Testing;
using Grpc.Core;
using Grpc.Net.Client;

namespace Aion.StoreGateway.Tests;

/// <summary>
/// The recorded Store calls against queriers over a store gateway, asked of our proxy over ours: merging, warnings, and what becomes of
/// a store that fails.
/// </summary>
public sealed class GoldenProxyTests
{
    /// <summary>Which block or which limit of the store is hit first varies, and these show it in their text.</summary>
    private static readonly string[] Varying =
        ["proxy-errors/query-limits/values-WARN", "proxy-errors/query-limits/series-ABORT", "proxy-errors/query-limits/values-ABORT"];

    [Theory]
    [InlineData("query-limits", "store-limits", "127.0.0.1:21026", false)]
    [InlineData("query-broken", "store", "127.0.0.1:21022", true)]
    public async Task Recorded_calls_are_answered_alike(string component, string store, string recordedAddress, bool withBroken)
    {
        using var temp = new TempDirectory();
        await using RunningStore running = await GoldenStoreTests.StartAsync(store, temp);
        using var peer = new GrpcPeer(running.Address, new GrpcClientOptions());
        using var broken = new GrpcPeer("127.0.0.1:1", new GrpcClientOptions());
        var info = new Aion.Protocol.Wire.InfoApi.Info.InfoClient(peer.Invoker);
        Aion.Storage.StoreInfo announced = StoreInfoMapping.ToModel(await info.InfoAsync(new Aion.Protocol.Wire.InfoApi.InfoRequest()));
        List<StoreClient> clients = [new(new GrpcStore(peer, () => announced), running.Address)];
        var unknown = new Aion.Storage.StoreInfo { Component = "store" };
        if (withBroken) clients.Add(new StoreClient(new GrpcStore(broken, () => unknown), "127.0.0.1:1"));
        var proxy = new ProxyStore(() => clients, new ProxyOptions { ResponseTimeout = TimeSpan.FromSeconds(2) });
        await using LoopbackServer server = await LoopbackServer.StartAsync(proxy);
        using var channel = GrpcChannel.ForAddress($"http://{server.Address}", new GrpcChannelOptions { MaxReceiveMessageSize = null });

        IReadOnlyList<GrpcCase> cases = [.. GrpcCaseRunner.Load(component).Where(c => c.Service == "thanos.Store" && !Varying.Contains(c.Id))];
        await GrpcCaseRunner.AssertAsync(
            channel.CreateCallInvoker(), cases, [], new Dictionary<string, StatusCode>(),
            text => text.Replace(running.Address, recordedAddress, StringComparison.Ordinal).Replace("127.0.0.1:1:", "127.0.0.1:21998:", StringComparison.Ordinal)
                .Replace("127.0.0.1:1 ", "127.0.0.1:21998 ", StringComparison.Ordinal));
    }
}
