using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Protocol;
using Aion.Storage;

namespace Aion.Sidecar;

/// <summary>
/// A Prometheus server as a store: its series with its external labels. Chunks come through remote read, labels through its HTTP API.
/// Thread-safe.
/// </summary>
public sealed class PrometheusStore(PrometheusClient client, RemoteReader reader, PrometheusMetadata metadata) : IStore
{
    private const int LabelsPerFrame = 256;

    public string Name => $"sidecar {metadata.ExternalLabels} of {client.Address}";

    public StoreInfo Info => metadata.Info;

    public async IAsyncEnumerable<SeriesFrame> SelectAsync(
        SelectRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Labels external = metadata.ExternalLabels;
        if (!ExternalLabels.TryMatch(external, request.Matchers, out IReadOnlyList<LabelMatcher> matchers)) yield break;
        if (matchers.Count == 0)
            throw new StoreException(StoreErrorKind.InvalidArgument, "no matchers specified (excluding external labels)");
        long minTime = Math.Max(request.MinTimeMs, metadata.MinTimeMs);
        if (minTime > request.MaxTimeMs) yield break;
        SelectRequest narrowed = request with { MinTimeMs = minTime, Matchers = matchers };
        IAsyncEnumerable<SeriesFrame> frames = request.SkipChunks
            ? SelectLabelsAsync(narrowed, external, cancellationToken)
            : SelectChunksAsync(narrowed, external, cancellationToken);
        await foreach (SeriesFrame frame in frames) yield return frame;
    }

    public async Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken)
    {
        Labels external = metadata.ExternalLabels;
        if (!ExternalLabels.TryMatch(external, request.Matchers, out IReadOnlyList<LabelMatcher> matchers)) return LabelsAnswer.Empty;
        if (request.MinTimeMs > request.MaxTimeMs) return LabelsAnswer.Empty;
        PrometheusAnswer<string> answer = matchers.Count == 0 || metadata.Version.HasLabelMatchers
            ? await client.LabelNamesAsync(matchers, request.MinTimeMs, request.MaxTimeMs, request.Limit, cancellationToken)
            : await NamesOfSeriesAsync(matchers, request, cancellationToken);
        if (answer.Data.Count == 0) return new LabelsAnswer([], answer.Warnings);

        // The limit is one on what is stored; the external names come on top, as each series has them.
        IEnumerable<string> names = SortedUnique(answer.Data, request.Limit)
            .Concat(external.Pairs().Select(p => p.Key).Except(request.WithoutReplicaLabels));
        return new LabelsAnswer(SortedUnique(names, limit: 0), answer.Warnings);
    }

    public async Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken)
    {
        if (request.Label.Length == 0) throw new StoreException(StoreErrorKind.InvalidArgument, "label name parameter cannot be empty");
        if (request.WithoutReplicaLabels.Contains(request.Label) || request.MinTimeMs > request.MaxTimeMs) return LabelsAnswer.Empty;
        Labels external = metadata.ExternalLabels;
        if (!ExternalLabels.TryMatch(external, request.Matchers, out IReadOnlyList<LabelMatcher> matchers)) return LabelsAnswer.Empty;
        if (external.GetValueOrNull(request.Label) is { } value)
        {
            if (matchers.Count == 0) return new LabelsAnswer([value], []);
            PrometheusAnswer<Labels> any = await client.SeriesAsync(matchers, request.MinTimeMs, request.MaxTimeMs, limit: 1, cancellationToken);
            return new LabelsAnswer(any.Data.Count > 0 ? [value] : [], any.Warnings);
        }

        // Such a name can't be stored in a Prometheus before 3.0, which would refuse the question.
        if (!metadata.Version.HasUtf8Names && !LabelNames.IsLegacyName(request.Label)) return LabelsAnswer.Empty;
        PrometheusAnswer<string> answer = matchers.Count == 0 || metadata.Version.HasLabelMatchers
            ? await client.LabelValuesAsync(request.Label, matchers, request.MinTimeMs, request.MaxTimeMs, request.Limit, cancellationToken)
            : await ValuesOfSeriesAsync(matchers, request, cancellationToken);
        return new LabelsAnswer(SortedUnique(answer.Data, request.Limit), answer.Warnings);
    }

    private async IAsyncEnumerable<SeriesFrame> SelectChunksAsync(
        SelectRequest request, Labels external, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cut = new SeriesLimit(request.Limit);
        ShardMatcher? shard = request.Shard is null ? null : new ShardMatcher(request.Shard);
        using var sorter = new LabelMergeSorter(external, request.WithoutReplicaLabels, request.Budget);
        var query = new RemoteReadQuery(request.MinTimeMs, request.MaxTimeMs, request.Matchers);
        if (metadata.StoresExternalOr(request.WithoutReplicaLabels)) sorter.HoldAll();
        await foreach (RemoteReadFrame frame in reader.ReadAsync(query, request.Budget, cancellationToken))
        {
            if (!frame.IsSorted) sorter.HoldAll();
            List<ChunkSeries> sorted = [];
            foreach (ChunkSeries series in frame.Series) sorter.Add(series, sorted);
            List<ChunkSeries> ready = Finish(sorted, shard, cut);
            if (ready.Count > 0) yield return SeriesFrame.Of(ready);
            if (cut.IsReached) yield break;
        }

        List<ChunkSeries> rest = [];
        sorter.Complete(rest);
        rest = Finish(rest, shard, cut);
        if (rest.Count > 0) yield return SeriesFrame.Of(rest);
    }

    private async IAsyncEnumerable<SeriesFrame> SelectLabelsAsync(
        SelectRequest request, Labels external, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // With shards or dropped labels a series found may not count, so the limit can't be left to Prometheus.
        long limit = request.Shard is null && request.WithoutReplicaLabels.Count == 0 ? request.Limit : 0;
        PrometheusAnswer<Labels> answer = await client.SeriesAsync(request.Matchers, request.MinTimeMs, request.MaxTimeMs, limit, cancellationToken);
        long bytes = answer.Data.Sum(l => (long)l.SizeBytes);
        request.Budget?.Charge(bytes, "label sets of a select without chunks");
        try
        {
            foreach (string warning in answer.Warnings) yield return SeriesFrame.Warning(warning);
            var builder = new LabelsBuilder();
            ShardMatcher? shard = request.Shard is null ? null : new ShardMatcher(request.Shard);
            var merged = answer.Data
                .Select(own => ExternalLabels.Merge(own, external, request.WithoutReplicaLabels, builder))
                .Where(labels => shard is null || shard.Matches(labels))
                .Distinct().Order().ToList();
            if (request.Limit > 0 && request.Limit < merged.Count) merged.RemoveRange((int)request.Limit, merged.Count - (int)request.Limit);
            foreach (Labels[] frame in merged.Chunk(LabelsPerFrame)) yield return SeriesFrame.Of([.. frame.Select(l => new ChunkSeries(l, []))]);
        }
        finally
        {
            request.Budget?.Release(bytes);
        }
    }

    private async Task<PrometheusAnswer<string>> NamesOfSeriesAsync(
        IReadOnlyList<LabelMatcher> matchers, LabelNamesRequest request, CancellationToken cancellationToken)
    {
        PrometheusAnswer<Labels> series = await client.SeriesAsync(matchers, request.MinTimeMs, request.MaxTimeMs, limit: 0, cancellationToken);
        return new PrometheusAnswer<string>([.. series.Data.SelectMany(l => l.Pairs().Select(p => p.Key))], series.Warnings);
    }

    private async Task<PrometheusAnswer<string>> ValuesOfSeriesAsync(
        IReadOnlyList<LabelMatcher> matchers, LabelValuesRequest request, CancellationToken cancellationToken)
    {
        PrometheusAnswer<Labels> series = await client.SeriesAsync(matchers, request.MinTimeMs, request.MaxTimeMs, limit: 0, cancellationToken);
        return new PrometheusAnswer<string>([.. series.Data.Select(l => l.GetValueOrNull(request.Label)).OfType<string>()], series.Warnings);
    }

    /// <summary>Leaves the series of the shard, up to the limit.</summary>
    private static List<ChunkSeries> Finish(List<ChunkSeries> sorted, ShardMatcher? shard, SeriesLimit cut)
    {
        var ready = new List<ChunkSeries>(sorted.Count);
        foreach (ChunkSeries series in sorted)
        {
            if (shard is not null && !shard.Matches(series.Labels)) continue;
            if (!cut.Takes(series.Labels)) break;
            ready.Add(series);
        }

        return ready;
    }

    private static List<string> SortedUnique(IEnumerable<string> texts, long limit)
    {
        var sorted = texts.Distinct().ToList();
        sorted.Sort(Utf8Text.CompareByBytes);
        if (limit > 0 && limit < sorted.Count) sorted.RemoveRange((int)limit, sorted.Count - (int)limit);
        return sorted;
    }

    /// <summary>Counts different label sets as they come; 0 = no limit.</summary>
    private sealed class SeriesLimit(long limit)
    {
        private long _count;
        private Labels? _last;

        public bool IsReached { get; private set; }

        public bool Takes(Labels labels)
        {
            if (labels == _last) return true;
            if (limit > 0 && _count == limit)
            {
                IsReached = true;
                return false;
            }

            _count++;
            _last = labels;
            return true;
        }
    }
}
