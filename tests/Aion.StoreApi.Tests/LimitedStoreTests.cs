using Aion.Hosting;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;

namespace Aion.StoreApi.Tests;

public sealed class LimitedStoreTests
{
    private static readonly IReadOnlyList<ChunkSeries> FiveSeries =
    [
        .. Enumerable.Range(0, 5).Select(i => new ChunkSeries(
            Labels.Of("a", $"{i}"), [new SeriesChunk(0, 10, new Chunk(ChunkEncoding.Xor, new byte[] { 0, (byte)i }))])),
    ];

    [Theory]
    [InlineData(5, 600, 5, null)]
    [InlineData(4, 0, 4, "failed to send series: limit 4 violated (got 5)")]
    [InlineData(0, 250, 2, "failed to send samples: limit 250 violated (got 360)")]
    [InlineData(0, 1, 0, "failed to send samples: limit 1 violated (got 120)")]
    public async Task A_select_fails_beyond_the_limit(long maxSeries, long maxSamples, int expected, string? error)
    {
        var metrics = new MetricsRegistry(TimeProvider.System);
        var store = new LimitedStore(new InMemoryStore("memory", Labels.Empty, FiveSeries), new StoreLimits(maxSeries, maxSamples), metrics);
        var seen = 0;
        string? message = null;

        try
        {
            await foreach (SeriesFrame frame in store.SelectAsync(
                new SelectRequest { MinTimeMs = 0, MaxTimeMs = 10, Matchers = [] }, TestContext.Current.CancellationToken))
                seen += frame.Series.Count;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Unknown)
        {
            message = e.Message;
        }

        Assert.Equal((expected, error), (seen, message));
    }
}
