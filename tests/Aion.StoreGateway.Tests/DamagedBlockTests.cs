using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.StoreGateway.Tests;

/// <summary>A bucket that lies: the query names the block, other blocks go on.</summary>
public sealed class DamagedBlockTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly BlockId _good = BlockId.New(TimeProvider.System);
    private readonly BlockId _bad = BlockId.New(TimeProvider.System);

    public DamagedBlockTests()
    {
        TestBlocks.Write(Bucket, _good, Labels.Of("replica", "a"), [Series("up")]);
        TestBlocks.Write(Bucket, _bad, Labels.Of("replica", "b"), [Series("up")]);
    }

    private string Bucket => _temp.Combine("bucket");

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("chunks/000001", "missing")]
    [InlineData("chunks/000001", "flipped")]
    [InlineData("index", "flipped")]
    public async Task Damage_found_by_a_query_is_a_warning_or_an_error_that_names_the_block(string file, string damage)
    {
        IStore store = await OpenAsync();
        string path = Path.Combine(Bucket, _bad.ToString(), file);
        if (damage == "missing") File.Delete(path);
        else Flip(path, file == "index" ? SeriesOffset(path) : 12);

        (List<ChunkSeries> series, List<string> warnings) = await SelectAsync(store, PartialResponse.Warn);

        Assert.Equal("a", Assert.Single(series).Labels.GetValueOrNull("replica"));
        Assert.Contains(_bad.ToString(), Assert.Single(warnings), StringComparison.Ordinal);
        StoreException error = await Assert.ThrowsAsync<StoreException>(() => SelectAsync(store, PartialResponse.Abort));
        Assert.Equal(StoreErrorKind.Aborted, error.Kind);
        Assert.Contains(_bad.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(60)]
    public async Task A_block_with_a_truncated_index_is_left_out_and_the_others_are_served(int length)
    {
        using (FileStream index = File.OpenWrite(Path.Combine(Bucket, _bad.ToString(), "index"))) index.SetLength(length);

        IStore store = await OpenAsync();

        Assert.Single((await SelectAsync(store, PartialResponse.Abort)).Series);
    }

    [Fact]
    public async Task A_damaged_index_header_on_disk_is_built_again()
    {
        await OpenAsync();
        string header = _temp.Combine("data", _bad.ToString(), "index-header");
        File.WriteAllBytes(header, [1, 2, 3]);

        IStore store = await OpenAsync();

        Assert.Equal(2, (await SelectAsync(store, PartialResponse.Abort)).Series.Count);
        Assert.True(new FileInfo(header).Length > 3);
    }

    private static ChunkSeries Series(string name)
    {
        var writer = new XorChunkWriter();
        writer.Append(1000, 1);
        writer.Append(2000, 2);
        return new ChunkSeries(Labels.Of("__name__", name), [new SeriesChunk(1000, 2000, writer.ToChunk())]);
    }

    private static void Flip(string path, long offset)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[offset] ^= 0x55;
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Inside the first series entry.</summary>
    private static long SeriesOffset(string index) => (IndexToc.Parse(File.ReadAllBytes(index)).Series + 15) / 16 * 16 + 3;

    private async Task<IStore> OpenAsync()
    {
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
        var context = new ComponentContext("store", NullLoggerFactory.Instance, TimeProvider.System, environment);
        var gateway = new BucketGateway(
            new FilesystemBucket(Bucket, TimeProvider.System), new StoreGatewayOptions { DataDirectory = _temp.Combine("data") }, context);
        await gateway.SyncAsync(CancellationToken.None);
        return gateway.Store;
    }

    private static async Task<(List<ChunkSeries> Series, List<string> Warnings)> SelectAsync(IStore store, PartialResponse partial)
    {
        var series = new List<ChunkSeries>();
        var warnings = new List<string>();
        var request = new SelectRequest
        {
            MinTimeMs = 0,
            MaxTimeMs = 5000,
            Matchers = [LabelMatcher.Equal("__name__", "up")],
            PartialResponse = partial,
        };
        await foreach (SeriesFrame frame in store.SelectAsync(request, CancellationToken.None))
        {
            series.AddRange(frame.Series);
            warnings.AddRange(frame.Warnings);
        }

        return (series, warnings);
    }
}
