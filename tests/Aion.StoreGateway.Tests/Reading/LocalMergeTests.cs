using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.StoreGateway.Tests;

/// <summary>Blocks on a disk of this machine answer what the same blocks answer when their bytes are fetched.</summary>
public sealed class LocalMergeTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempDirectory _temp = new();

    private string Folder => _temp.Combine("bucket");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Blocks_that_follow_one_another_overlap_and_repeat_answer_alike()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        // Blocks 0 to 3 follow one another, 4 overlaps them, 5 holds the same chunks as block 0, 6 is of another replica.
        long[] starts = [0, 100_000, 200_000, 300_000, 150_000, 0, 0];
        for (var block = 0; block < starts.Length; block++)
        {
            var series = new List<ChunkSeries>();
            for (var i = 0; i < 300; i++)
                if (random.Next(8) != 0) series.Add(Series(i, starts[block], chunks: 1 + (i % 7)));
            TestBlocks.Write(Folder, BlockId.New(TimeProvider.System), Labels.Of("replica", block == 6 ? "b" : "a", "zone", "z"), series);
        }

        foreach (string[] without in new string[][] { [], ["replica"], ["number"] })
        {
            List<ChunkSeries> mapped = await SelectAsync(await OpenAsync(new FilesystemBucket(Folder, TimeProvider.System)), without);
            List<ChunkSeries> fetched = await SelectAsync(await OpenAsync(new FetchedBucket(new FilesystemBucket(Folder, TimeProvider.System))), without);

            Assert.NotEmpty(mapped);
            Assert.Equal(fetched.Select(Describe), mapped.Select(Describe));
        }
    }

    [Fact]
    public async Task What_chunks_take_in_memory_counts_for_the_pool_while_they_are_held()
    {
        TestBlocks.Write(Folder, BlockId.New(TimeProvider.System), Labels.Of("zone", "z"), [.. Enumerable.Range(0, 300).Select(i => Series(i, 0, chunks: 7))]);
        IStore small = await OpenAsync(new FilesystemBucket(Folder, TimeProvider.System), poolBytes: 300 << 10);
        IStore enough = await OpenAsync(new FilesystemBucket(Folder, TimeProvider.System), poolBytes: 1 << 20);

        BudgetExceededException refused = await Assert.ThrowsAsync<BudgetExceededException>(() => SelectAsync(small, ["number"]));

        Assert.Contains("for chunks among others, and it has 307200 (--chunk-pool-size raises it)", refused.Message, StringComparison.Ordinal);
        // What was held comes back: many calls, one after the other, fit into what one needs.
        for (var i = 0; i < 20; i++) Assert.Equal(300, (await SelectAsync(enough, [])).Count);
    }

    private static ChunkSeries Series(int number, long startMs, int chunks)
    {
        var made = new List<SeriesChunk>();
        for (var c = 0; c < chunks; c++)
        {
            var writer = new XorChunkWriter();
            for (var i = 0; i < 10; i++) writer.Append(startMs + (c * 10_000) + (i * 1000), number + (i * c));
            made.Add(new SeriesChunk(startMs + (c * 10_000), startMs + (c * 10_000) + 9000, writer.ToChunk()));
        }

        return new ChunkSeries(Labels.Of("__name__", "up", "number", number.ToString(System.Globalization.CultureInfo.InvariantCulture)), made);
    }

    private static string Describe(ChunkSeries series) =>
        series.Labels + string.Concat(series.Chunks.Select(c => $" [{c.MinTimeMs}, {c.MaxTimeMs}] {Convert.ToHexString(c.Raw.Data.Span)}"));

    private async Task<IStore> OpenAsync(IBucket bucket, long poolBytes = 0)
    {
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
        var context = new ComponentContext("store", NullLoggerFactory.Instance, TimeProvider.System, environment);
        var gateway = new BucketGateway(bucket, new StoreGatewayOptions { DataDirectory = _temp.Combine("data"), MaxHeldBytes = poolBytes }, context);
        await gateway.SyncAsync(CancellationToken.None);
        return gateway.Store;
    }

    private static async Task<List<ChunkSeries>> SelectAsync(IStore store, string[] without)
    {
        var series = new List<ChunkSeries>();
        var request = new SelectRequest
        {
            MinTimeMs = 0,
            MaxTimeMs = 390_000,
            Matchers = [LabelMatcher.Equal("__name__", "up")],
            WithoutReplicaLabels = without,
        };
        await foreach (SeriesFrame frame in store.SelectAsync(request, CancellationToken.None))
        {
            Assert.Empty(frame.Warnings);
            series.AddRange(frame.Series);
        }

        return series;
    }

    /// <summary>A folder that can't be mapped, as one on a network.</summary>
    private sealed class FetchedBucket(IBucket inner) : IBucket
    {
        public string Name => inner.Name;

        public bool SupportsConditionalUpload => inner.SupportsConditionalUpload;

        public Task<Stream> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken) => inner.TryGetAsync(key, cancellationToken);

        public Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken) =>
            inner.GetRangeAsync(key, offset, length, cancellationToken);

        public IAsyncEnumerable<BucketEntry> ListAsync(string directory, bool recursive, CancellationToken cancellationToken) =>
            inner.ListAsync(directory, recursive, cancellationToken);

        public Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken) => inner.AttributesAsync(key, cancellationToken);

        public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => inner.ExistsAsync(key, cancellationToken);

        public Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken) =>
            inner.UploadAsync(key, content, condition, cancellationToken);

        public Task DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
    }
}
