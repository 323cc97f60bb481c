using System.Runtime.CompilerServices;
using Aion.Storage;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Merging the answers of two stores: the same series in both, two hours apart (blocks) or at the same time (replicas).</summary>
[MemoryDiagnoser]
[BenchmarkCategory("storage")]
public class MergeStores
{
    private const int Samples = 480;

    private List<SeriesFrame> _left = [];
    private List<SeriesFrame> _right = [];

    [Params("blocks", "replicas")]
    public string Inputs { get; set; } = "blocks";

    [GlobalSetup]
    public void Setup()
    {
        _left = ReplicaPair.Frames(BenchmarkScale.Series, 0, Samples);
        _right = ReplicaPair.Frames(BenchmarkScale.Series, 1, Samples);
        if (Inputs == "blocks") _right = [.. _right.Select(f => SeriesFrame.Of([.. f.Series.Select(Later)]))];
    }

    [Benchmark]
    public async Task<int> Merge()
    {
        var chunks = 0;
        await foreach (SeriesFrame frame in SeriesMerge.MergeAsync([Stream(_left), Stream(_right)], CancellationToken.None))
            foreach (ChunkSeries series in frame.Series) chunks += series.Chunks.Count;
        return chunks;
    }

    private static ChunkSeries Later(ChunkSeries series) => series with
    {
        Chunks = [.. series.Chunks.Select(c => c with { MinTimeMs = c.MinTimeMs + 7_200_000, MaxTimeMs = c.MaxTimeMs + 7_200_000 })],
    };

    private static async IAsyncEnumerable<SeriesFrame> Stream(
        List<SeriesFrame> frames, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        foreach (SeriesFrame frame in frames) yield return frame;
    }
}
