using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.StoreGateway.Tests;

/// <summary>
/// A bucket whose objects are not what they were when the block was loaded, or what its meta says: the query names the block, and the
/// block beside it is answered for.
/// </summary>
public sealed class LyingBucketTests : IDisposable
{
    private static readonly LabelMatcher Up = LabelMatcher.Equal("__name__", "up");

    private readonly TempDirectory _temp = new();
    private readonly BlockId _good = BlockId.New(TimeProvider.System);
    private readonly BlockId _bad = BlockId.New(TimeProvider.System);

    public LyingBucketTests()
    {
        TestBlocks.Write(Bucket, _good, Labels.Of("replica", "a"), TestBlocks.Some(20));
        TestBlocks.Write(Bucket, _bad, Labels.Of("replica", "b"), TestBlocks.Some(20));
    }

    private string Bucket => _temp.Combine("bucket");

    private string Bad => Path.Combine(Bucket, _bad.ToString());

    public void Dispose() => _temp.Dispose();

    public static TheoryData<string> Lies { get; } =
    [
        "chunk file gone", "chunk file empty", "chunk file cut", "chunk file of zeros", "chunk file of garbage", "index gone", "index empty",
        "index cut in its series", "index of zeros", "index of garbage", "only the meta is left", "all is gone", "chunk file is a folder",
    ];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_goes_wrong_after_the_load_is_named_and_the_other_block_answers(string lie)
    {
        using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, new StoreGatewayOptions { DataDirectory = _temp.Combine("data") });
        Tell(lie);

        (List<ChunkSeries> series, List<string> warnings) = await gateway.SelectAsync(PartialResponse.Warn, Up);

        Assert.Equal(20, series.Count(s => s.Labels.GetValueOrNull("replica") == "a"));
        Assert.All(warnings, w => Assert.Contains(_bad.ToString(), w, StringComparison.Ordinal));
        Assert.True(warnings.Count == 1 || series.Count == 40, $"{series.Count} series and {warnings.Count} warnings");
        if (warnings.Count == 0) return;
        StoreException error = await Assert.ThrowsAsync<StoreException>(() => gateway.SelectAsync(PartialResponse.Abort, Up));
        Assert.Equal(StoreErrorKind.Aborted, error.Kind);
        Assert.Contains(_bad.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_is_wrong_before_the_load_never_stops_the_start(string lie)
    {
        Tell(lie);
        foreach (bool lazily in (bool[])[false, true])
        {
            using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, new StoreGatewayOptions { DownloadsHeadersLazily = lazily });

            (List<ChunkSeries> series, List<string> warnings) = await gateway.SelectAsync(PartialResponse.Warn, Up);

            Assert.Equal(20, series.Count(s => s.Labels.GetValueOrNull("replica") == "a"));
            Assert.All(warnings, w => Assert.Contains(_bad.ToString(), w, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(long.MaxValue)]
    public async Task A_meta_that_is_wrong_about_sizes_costs_nothing_but_requests(long size)
    {
        BlockMeta meta = BlockMetaFile.Read(Bad);
        BlockMetaFile.Write(Bad, meta with
        {
            Thanos = meta.Thanos with
            {
                Files = [new BlockFile("index", size), new BlockFile("chunks/000001", size)],
                IndexStats = new IndexStats(1, 1),
            },
        });

        using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, new StoreGatewayOptions());

        Assert.Equal(40, (await gateway.SelectAsync(Up)).Series.Count);
    }

    [Fact]
    public async Task A_block_that_is_deleted_between_syncs_is_dropped_by_the_next_with_its_local_files()
    {
        string data = _temp.Combine("data");
        using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, new StoreGatewayOptions { DataDirectory = data });
        File.Delete(Path.Combine(Bad, "meta.json"));

        await gateway.Gateway.SyncAsync(CancellationToken.None);

        Assert.Equal(20, (await gateway.SelectAsync(Up)).Series.Count);
        Assert.Equal([_good.ToString()], Directory.GetDirectories(data).Select(Path.GetFileName).Where(n => n != "meta-syncer"));
    }

    private void Tell(string lie)
    {
        string chunks = Path.Combine(Bad, "chunks", "000001"), index = Path.Combine(Bad, "index");
        switch (lie)
        {
            case "chunk file gone":
                File.Delete(chunks);
                break;
            case "chunk file empty":
                File.WriteAllBytes(chunks, []);
                break;
            case "chunk file cut":
                File.WriteAllBytes(chunks, File.ReadAllBytes(chunks)[..30]);
                break;
            case "chunk file of zeros":
                File.WriteAllBytes(chunks, new byte[new FileInfo(chunks).Length]);
                break;
            case "chunk file of garbage":
                Array.ForEach([chunks], f => File.WriteAllBytes(f, Garbage(f)));
                break;
            case "chunk file is a folder":
                File.Delete(chunks);
                Directory.CreateDirectory(chunks);
                break;
            case "index gone":
                File.Delete(index);
                break;
            case "index empty":
                File.WriteAllBytes(index, []);
                break;
            case "index cut in its series":
                byte[] whole = File.ReadAllBytes(index);
                File.WriteAllBytes(index, whole[..(int)(IndexToc.Parse(whole).Series + 40)]);
                break;
            case "index of zeros":
                File.WriteAllBytes(index, new byte[new FileInfo(index).Length]);
                break;
            case "index of garbage":
                File.WriteAllBytes(index, Garbage(index));
                break;
            case "only the meta is left":
                File.Delete(index);
                Directory.Delete(Path.Combine(Bad, "chunks"), recursive: true);
                break;
            case "all is gone":
                Directory.Delete(Bad, recursive: true);
                break;
            default:
                throw new ArgumentException(lie);
        }
    }

    private static byte[] Garbage(string file)
    {
        var bytes = new byte[new FileInfo(file).Length];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i * 37 + 201);
        return bytes;
    }
}
