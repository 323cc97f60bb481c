using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Prometheus;

namespace Aion.Sidecar.Tests;

public sealed class PrometheusStoreContractTests : StoreContract, IAsyncDisposable
{
    private readonly SidecarUnderTest _sidecar = new();

    protected override async Task<IStore> CreateAsync(Labels external, IReadOnlyList<ChunkSeries> series) =>
        await _sidecar.StoreAsync(await FakePrometheus.StartAsync(external, series));

    public ValueTask DisposeAsync() => _sidecar.DisposeAsync();
}

/// <summary>A <see cref="PrometheusStore"/> over a Prometheus, real or not.</summary>
internal sealed class SidecarUnderTest : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private FakePrometheus? _fake;

    public PrometheusMetadata Metadata { get; } = new(TimeOrDuration.Parse("0000-01-01T00:00:00Z"), TimeProvider.System);

    public PrometheusClient Client { get; private set; } = null!;

    public async Task<PrometheusStore> StoreAsync(FakePrometheus fake)
    {
        _fake = fake;
        return await StoreAsync(fake.Address);
    }

    public async Task<PrometheusStore> StoreAsync(Uri address)
    {
        Client = new PrometheusClient(_http, address);
        await Metadata.RefreshAsync(Client, TestContext.Current.CancellationToken);
        return new PrometheusStore(Client, new RemoteReader(Client, Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())), Metadata);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_fake is not null) await _fake.DisposeAsync();
    }
}
