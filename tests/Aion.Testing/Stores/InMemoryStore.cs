using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Storage;

namespace Aion.Testing;

/// <summary>A store over a list of series with chunks; the plainest implementation of the contract.</summary>
public sealed class InMemoryStore(string name, Labels external, IReadOnlyList<ChunkSeries> series) : IStore
{
    private const int SeriesPerFrame = 3;

    public string Name => name;

    public StoreInfo Info { get; init; } = new()
    {
        Component = "store",
        LabelSets = external.IsEmpty ? [] : [external],
        MinTimeMs = series.SelectMany(s => s.Chunks).Select(c => c.MinTimeMs).DefaultIfEmpty(long.MaxValue).Min(),
        MaxTimeMs = series.SelectMany(s => s.Chunks).Select(c => c.MaxTimeMs).DefaultIfEmpty(long.MinValue).Max(),
        TsdbInfos = [],
    };

    /// <summary>Warnings that every select brings, first.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Runs before each frame; may wait or throw.</summary>
    public Func<int, CancellationToken, Task> BeforeFrame { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>The requests seen.</summary>
    public List<SelectRequest> Requests { get; } = [];

    public async IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Requests.Add(request);
        foreach (string warning in Warnings) yield return SeriesFrame.Warning(warning);
        var frames = 0;
        foreach (ChunkSeries[] frame in Select(request).Chunk(SeriesPerFrame))
        {
            await BeforeFrame(frames++, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            yield return SeriesFrame.Of(frame);
        }

        await BeforeFrame(frames, cancellationToken);
    }

    public Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(Answer(
            Matching(request.Matchers, request.MinTimeMs, request.MaxTimeMs, request.WithoutReplicaLabels)
                .SelectMany(s => s.Labels.Pairs().Select(p => p.Key)),
            request.Limit));

    public Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(Answer(
            Matching(request.Matchers, request.MinTimeMs, request.MaxTimeMs, request.WithoutReplicaLabels)
                .Select(s => s.Labels.GetValueOrNull(request.Label)).OfType<string>(),
            request.Limit));

    private static LabelsAnswer Answer(IEnumerable<string> values, long limit)
    {
        List<string> sorted = [.. values.Distinct()];
        sorted.Sort(Utf8Text.CompareByBytes);
        return new LabelsAnswer(limit > 0 && limit < sorted.Count ? sorted[..(int)limit] : sorted, []);
    }

    private IEnumerable<ChunkSeries> Select(SelectRequest request)
    {
        ShardMatcher? shard = request.Shard is null ? null : new ShardMatcher(request.Shard);
        List<ChunkSeries> selected = [.. Matching(request.Matchers, request.MinTimeMs, request.MaxTimeMs, request.WithoutReplicaLabels)
            .Where(s => shard is null || shard.Matches(s.Labels))
            .OrderBy(s => s.Labels)];
        if (request.Limit > 0 && request.Limit < selected.Count) selected = selected[..(int)request.Limit];
        return request.SkipChunks ? selected.Select(s => s with { Chunks = [] }) : selected;
    }

    private IEnumerable<ChunkSeries> Matching(
        IReadOnlyList<LabelMatcher> matchers, long minTimeMs, long maxTimeMs, IReadOnlyList<string> without)
    {
        if (!ExternalLabels.TryMatch(external, matchers, out IReadOnlyList<LabelMatcher> remaining)) yield break;
        var builder = new LabelsBuilder();
        foreach (ChunkSeries one in series)
        {
            if (!remaining.All(m => m.Matches(one.Labels))) continue;
            SeriesChunk[] chunks = [.. one.Chunks.Where(c => c.MinTimeMs <= maxTimeMs && c.MaxTimeMs >= minTimeMs)];
            if (chunks.Length > 0) yield return new ChunkSeries(ExternalLabels.Merge(one.Labels, external, without, builder), chunks);
        }
    }
}
