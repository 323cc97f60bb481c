using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Query.Tests;

/// <summary>A store over one block folder with external labels, the simplest that keeps the contract of <see cref="IStore"/>.</summary>
internal sealed class BlockStore(string directory, Labels externalLabels, long minTimeMs, long maxTimeMs, bool trims = false) : IStore, IDisposable
{
    private readonly BlockReader _block = BlockReader.Open(directory);

    public string Name => "block";

    public StoreInfo Info => new() { Component = "store", LabelSets = externalLabels.IsEmpty ? [] : [externalLabels], MinTimeMs = minTimeMs, MaxTimeMs = maxTimeMs };

    public async IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (!Matches(request.Matchers, out IReadOnlyList<LabelMatcher> own)) yield break;
        var series = new List<ChunkSeries>();
        foreach (BlockSeries found in _block.Select(own, request.MinTimeMs, request.MaxTimeMs))
        {
            Labels labels = Extended(found.Labels, request.WithoutReplicaLabels);
            if (request.Shard is { } shard && !new ShardMatcher(shard).Matches(labels)) continue;
            series.Add(new ChunkSeries(labels, request.SkipChunks
                ? []
                : [.. found.Chunks.Select(c => Read(c, request.MinTimeMs, request.MaxTimeMs)).Where(c => !c.Raw.IsEmpty)]));
        }

        series.Sort((a, b) => a.Labels.CompareTo(b.Labels));
        yield return SeriesFrame.Of(series);
    }

    public Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken)
    {
        if (!InRange(request.MinTimeMs, request.MaxTimeMs) || !Matches(request.Matchers, out var own)) return Task.FromResult(LabelsAnswer.Empty);
        var names = new SortedSet<string>(_block.Index.LabelNames(own), Comparer<string>.Create(Utf8Text.CompareByBytes));
        if (names.Count > 0) foreach (var (name, _) in externalLabels.Pairs()) names.Add(name);
        return Task.FromResult(new LabelsAnswer([.. names.Except(request.WithoutReplicaLabels)], []));
    }

    public Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken)
    {
        if (request.WithoutReplicaLabels.Contains(request.Label)) return Task.FromResult(LabelsAnswer.Empty);
        if (!InRange(request.MinTimeMs, request.MaxTimeMs) || !Matches(request.Matchers, out var own)) return Task.FromResult(LabelsAnswer.Empty);
        if (externalLabels.GetValueOrNull(request.Label) is not { } external)
            return Task.FromResult(new LabelsAnswer(_block.Index.LabelValues(request.Label, own), []));
        bool any = own.Count == 0 || _block.Index.Select(own).Length > 0;
        return Task.FromResult(any ? new LabelsAnswer([external], []) : LabelsAnswer.Empty);
    }

    public void Dispose() => _block.Dispose();

    /// <summary>The chunk as it is, or, as Prometheus gives it to a sidecar, encoded anew without the samples outside the range.</summary>
    private SeriesChunk Read(ChunkMeta meta, long minMs, long maxMs)
    {
        Chunk chunk = _block.ReadChunk(meta);
        if (!trims || (meta.MinTimeMs >= minMs && meta.MaxTimeMs <= maxMs)) return new SeriesChunk(meta.MinTimeMs, meta.MaxTimeMs, chunk);
        var samples = new SampleBuffer();
        ChunkDecoder.Decode(chunk, samples, minMs, maxMs);
        if (samples.Count == 0) return default;
        var writer = new XorChunkWriter();
        for (var i = 0; i < samples.Count; i++) writer.Append(samples.Times[i], samples.Values[i]);
        return new SeriesChunk(samples.Times[0], samples.Times[^1], writer.ToChunk());
    }

    private bool InRange(long minMs, long maxMs) => new TimeRange(minTimeMs, maxTimeMs).Overlaps(minMs, maxMs);

    private bool Matches(IReadOnlyList<LabelMatcher> matchers, out IReadOnlyList<LabelMatcher> own)
    {
        own = [.. matchers.Where(m => !externalLabels.Has(m.NameUtf8.Span))];
        return matchers.Where(m => externalLabels.Has(m.NameUtf8.Span)).All(m => m.Matches(externalLabels));
    }

    private Labels Extended(Labels labels, IReadOnlyList<string> without)
    {
        var builder = new LabelsBuilder(labels);
        foreach (var (name, value) in externalLabels.Pairs()) builder.Set(name, value);
        foreach (string name in without) builder.Remove(name);
        return builder.ToLabels();
    }
}
