using Aion.Model;
using Aion.Storage;
using Aion.Testing;

namespace Aion.StoreApi.Tests;

public sealed class InMemoryStoreContractTests : StoreContract
{
    protected override Task<IStore> CreateAsync(Labels external, IReadOnlyList<ChunkSeries> series) =>
        Task.FromResult<IStore>(new InMemoryStore("memory", external, series));
}

public class GrpcStoreContractTests : StoreContract, IAsyncDisposable
{
    private readonly List<object> _owned = [];

    protected virtual GrpcClientOptions Options => new();

    /// <summary>What the peer says of itself.</summary>
    protected virtual StoreInfo InfoOf(IStore store) => store.Info;

    protected override async Task<IStore> CreateAsync(Labels external, IReadOnlyList<ChunkSeries> series)
    {
        IStore memory = new InMemoryStore("memory", external, series);
        LoopbackServer server = await LoopbackServer.StartAsync(memory);
        var peer = new GrpcPeer(server.Address, Options);
        _owned.Add(peer);
        _owned.Add(server);
        StoreInfo info = InfoOf(memory);
        return new GrpcStore(peer, () => info);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (object owned in _owned)
        {
            if (owned is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
            else ((IDisposable)owned).Dispose();
        }

        GC.SuppressFinalize(this);
    }
}

public sealed class SnappyGrpcStoreContractTests : GrpcStoreContractTests
{
    protected override GrpcClientOptions Options => new() { Compression = StoreApiTransport.Snappy };
}

public sealed class GzipGrpcStoreContractTests : GrpcStoreContractTests
{
    protected override GrpcClientOptions Options => new() { Compression = "gzip" };
}

/// <summary>A peer that can neither shard nor drop labels; the client must do it.</summary>
public sealed class OldPeerGrpcStoreContractTests : GrpcStoreContractTests
{
    protected override StoreInfo InfoOf(IStore store) =>
        store.Info with { SupportsSharding = false, SupportsWithoutReplicaLabels = false };
}
