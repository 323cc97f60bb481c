using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>
/// Compares series of a new block with their sources by decoding both, in another way than the one that made it. Not thread-safe.
/// </summary>
internal sealed class ReadBack(SourceBlock block, IReadOnlyList<SourceBlock> sources, MergeFunction function)
{
    private readonly SeriesFinder[] _finders = [.. sources.Select(s => new SeriesFinder(s))];
    private readonly SeriesFinder _own = new(block);

    /// <exception cref="VerificationFailedException">The series is not what its sources make.</exception>
    public void Compare(uint series)
    {
        Labels labels = _own.LabelsOf(series);
        bool isDownsampled = block.Meta.Thanos.ResolutionMs != sources[0].Meta.Thanos.ResolutionMs;
        if (isDownsampled) CompareWindows(labels, series);
        else if (block.Meta.Thanos.ResolutionMs > 0) CompareSamples(labels, series, static chunk => AggregateChunkCodec.Split(chunk).Count);
        else CompareSamples(labels, series, static chunk => chunk);
    }

    /// <summary>Every sample is a source's sample; where nothing is deduplicated, every time of a source is there.</summary>
    private void CompareSamples(Labels labels, uint series, Func<Chunk, Chunk> part)
    {
        var expected = new Dictionary<long, List<ulong>>();
        foreach (SeriesFinder finder in _finders)
        {
            foreach (uint id in finder.Find(labels))
            {
                foreach ((long time, ulong value) in finder.Read(id, part))
                {
                    if (!expected.TryGetValue(time, out List<ulong>? values)) expected.Add(time, values = []);
                    values.Add(value);
                }
            }
        }

        var found = 0;
        foreach ((long time, ulong value) in _own.Read(series, part))
        {
            found++;
            if (!expected.TryGetValue(time, out List<ulong>? values) || !values.Contains(value))
                Fail(labels, $"the sample at {time} is in no source");
        }

        if (function == MergeFunction.Chain && found != expected.Count) Fail(labels, $"{found} samples, the sources have {expected.Count}");
        if (found == 0) Fail(labels, "no samples");
    }

    /// <summary>The counts of all windows add up to the samples of the source.</summary>
    private void CompareWindows(Labels labels, uint series)
    {
        double expected = 0, counted = 0;
        bool fromRaw = sources[0].Meta.Thanos.ResolutionMs == 0;
        foreach (SeriesFinder finder in _finders)
            foreach (uint id in finder.Find(labels))
                expected += fromRaw ? finder.CountUsable(id) : finder.SumOfCounts(id);
        counted += _own.SumOfCounts(series);
        if (counted != expected) Fail(labels, $"its windows count {counted} samples, the source has {expected}");
    }

    private void Fail(Labels labels, string reason) => throw new VerificationFailedException(block.Meta.Id, $"series {labels}: {reason}");
}
