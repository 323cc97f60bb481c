using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor.Tests;

/// <summary>Merges in memory, sample by sample, the plainest way there is; a downsampled block holds the same samples.</summary>
internal sealed class PlainBlockWork : IBlockWork
{
    /// <summary>What verification says.</summary>
    public Func<string?> Wrong { get; set; } = () => null;

    /// <summary>Runs before each merge.</summary>
    public Action Before { get; set; } = () => { };

    public Task<MergeResult> MergeAsync(
        IReadOnlyList<LocalBlock> sources, string output, MergeOptions options, IRepairSink repairs, CancellationToken cancellationToken)
    {
        Before();
        var merged = new SortedDictionary<Labels, SortedDictionary<long, double>>();
        foreach (LocalBlock source in sources)
        {
            try
            {
                foreach (var (labels, samples) in Read(source.Directory))
                {
                    if (!merged.TryGetValue(labels, out var into)) merged[labels] = into = [];
                    foreach (var (time, value) in samples) into.TryAdd(time, value);
                }
            }
            catch (Exception e) when (e is TsdbCorruptionException or IOException)
            {
                throw new SourceDamagedException(source.Meta.Id, e.Message, e);
            }
        }

        MergeResult result = Write(output, merged);
        if (options.SegmentFinished is not null && !result.IsEmpty)
            foreach (string segment in Directory.GetFiles(Path.Combine(output, "chunks"))) options.SegmentFinished(segment);
        return Task.FromResult(result);
    }

    public Task<MergeResult> DownsampleAsync(
        LocalBlock source, string output, long resolutionMs, MergeOptions options, IRepairSink repairs, CancellationToken cancellationToken) =>
        MergeAsync([source], output, options, repairs, cancellationToken);

    public Task<string?> VerifyAsync(
        IReadOnlyList<LocalBlock> sources, string output, BlockMeta meta, MergeOptions options, KnownRepairs known,
        CancellationToken cancellationToken) => Task.FromResult(Wrong());

    /// <summary>All samples of a block.</summary>
    public static SortedDictionary<Labels, SortedDictionary<long, double>> Read(string directory)
    {
        var all = new SortedDictionary<Labels, SortedDictionary<long, double>>();
        using BlockReader reader = BlockReader.Open(directory);
        using IDisposable lease = reader.Lease();
        foreach (BlockSeries series in reader.Select([], long.MinValue, long.MaxValue))
        {
            var buffer = new SampleBuffer();
            reader.ReadSamples(series, buffer, long.MinValue, long.MaxValue);
            var samples = new SortedDictionary<long, double>();
            for (var i = 0; i < buffer.Count; i++) samples[buffer.Times[i]] = buffer.Values[i];
            all[series.Labels] = samples;
        }

        return all;
    }

    public static MergeResult Write(string output, SortedDictionary<Labels, SortedDictionary<long, double>> series)
    {
        if (series.Count == 0) return new MergeResult { Stats = new Blocks.BlockStats(), IndexStats = default };
        var builder = new SampleBlockBuilder();
        foreach (var (labels, samples) in series)
        {
            var buffer = new SampleBuffer();
            foreach (var (time, value) in samples) buffer.Add(time, value);
            builder.Add(labels, buffer);
        }

        Tsdb.BlockStats stats = builder.Write(output);
        return new MergeResult
        {
            Stats = new Blocks.BlockStats
            {
                Samples = (ulong)stats.SampleCount,
                FloatSamples = (ulong)stats.FloatSampleCount,
                Series = (ulong)stats.SeriesCount,
                Chunks = (ulong)stats.ChunkCount,
            },
            IndexStats = default,
        };
    }
}
