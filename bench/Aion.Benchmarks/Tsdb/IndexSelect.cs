using System.Text;
using Aion.Model;
using Aion.Tsdb;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Selecting from an index of 100,000 series with ten labels: postings alone, and with labels and chunk metas of every series.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("tsdb")]
public class IndexSelect
{
    private const int Series = 100_000;

    private readonly SeriesEntry _entry = new();
    private readonly LabelsBuilder _scratch = new();
    private string _directory = "";
    private IndexReader _index = null!;

    [GlobalSetup]
    public void Setup()
    {
        _directory = Directory.CreateTempSubdirectory("aion-bench-").FullName;
        string path = Path.Combine(_directory, "index");
        var labels = new SortedSet<Labels>();
        for (var i = 0; i < Series; i++) labels.Add(LabelsOf(i));
        using (IndexWriter writer = IndexWriter.Create(path))
        {
            var symbols = new SortedSet<string>(labels.SelectMany(l => l.Pairs()).SelectMany(p => (string[])[p.Key, p.Value]), StringComparer.Ordinal);
            foreach (string symbol in symbols) writer.AddSymbol(Encoding.UTF8.GetBytes(symbol));
            ulong chunk = 8;
            foreach (Labels set in labels)
            {
                var chunks = new ChunkMeta[6];
                for (var c = 0; c < chunks.Length; c++) chunks[c] = new ChunkMeta(c * 1000, c * 1000 + 999, chunk += 200);
                writer.AddSeries(set, chunks);
            }

            writer.Complete();
        }

        _index = IndexReader.Open(path);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _index.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark]
    public int Postings() =>
        _index.Select([LabelMatcher.Equal("__name__", "metric_7"), new LabelMatcher(Model.MatchType.NotEqual, "code", "500"), new LabelMatcher(Model.MatchType.Regex, "pod", "pod-.*3")]).Length;

    [Benchmark(OperationsPerInvoke = Series)]
    public long LabelsAndChunksOfOneSeries()
    {
        long bytes = 0;
        foreach (uint id in _index.Select([]))
        {
            _index.ReadSeries(id, _entry, long.MinValue, long.MaxValue);
            bytes += _index.LabelsOf(_entry, _scratch).SizeBytes;
        }

        return bytes;
    }

    private static Labels LabelsOf(int i) => Labels.Of(
        "__name__", $"metric_{i % 50}", "cluster", "eu-1", "code", i % 3 == 0 ? "500" : "200", "container", $"container-{i % 20}", "instance", $"10.0.{i / 256 % 256}.{i % 256}:9090",
        "job", $"job-{i % 30}", "method", "GET", "namespace", $"namespace-{i % 100}", "pod", $"pod-{i}", "service", $"service-{i % 200}");
}
