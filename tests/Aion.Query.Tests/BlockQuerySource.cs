using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Query.Tests;

/// <summary>Reads one block as it is: no proxy, no merge, no deduplication. For tests of the API and of the engine behind it.</summary>
internal sealed class BlockQuerySource(string directory, IReadOnlyList<Labels>? more = null) : IQuerySource, IDisposable
{
    private readonly BlockReader _block = BlockReader.Open(directory);

    public IQuerier Querier(SelectParameters select, string tenant) => new BlockQuerier(this);

    public Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, SelectParameters select, CancellationToken cancellationToken) =>
        Answer(Matching(request.Matchers, request.MinTimeMs, request.MaxTimeMs).SelectMany(l => l.Pairs().Select(p => p.Key)));

    public Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, SelectParameters select, CancellationToken cancellationToken) =>
        Answer(Matching(request.Matchers, request.MinTimeMs, request.MaxTimeMs).Select(l => l.GetValueOrNull(request.Label)).OfType<string>());

    public IReadOnlyList<StoreStatus> Stores() =>
        [new StoreStatus("store", "block", DateTimeOffset.UnixEpoch.AddSeconds(1.5), null, [Labels.Of("replica", "a")], 1000, 2000)];

    public void Dispose() => _block.Dispose();

    private IEnumerable<Labels> Matching(IReadOnlyList<LabelMatcher> matchers, long minMs, long maxMs) =>
        _block.Select(matchers, minMs, maxMs).Select(s => s.Labels)
            .Concat((more ?? []).Where(l => matchers.All(m => m.Matches(l)) && minMs <= 1735690770000 && maxMs >= 1735689600000));

    private static Task<LabelsAnswer> Answer(IEnumerable<string> texts) =>
        Task.FromResult(new LabelsAnswer([.. texts.Distinct().Order(Comparer<string>.Create(Utf8Text.CompareByBytes))], []));

    private sealed class BlockQuerier(BlockQuerySource source) : IQuerier
    {
        public async IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(SelectHints hints, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            List<SampleSeries> series = [.. source._block.Select(hints.Matchers, hints.MinTimeMs, hints.MaxTimeMs).Select(s => new Found(source._block, s))];
            if (hints.SkipSamples)
            {
                series = [.. source.Matching(hints.Matchers, hints.MinTimeMs, hints.MaxTimeMs).Order().Select(l => new Named(l))];
            }

            yield return series;
        }
    }

    private sealed class Found(BlockReader block, BlockSeries series) : SampleSeries
    {
        public override Labels Labels => series.Labels;

        public override void Read(long minMs, long maxMs, SampleBuffer buffer) => block.ReadSamples(series, buffer, minMs, maxMs);
    }

    private sealed class Named(Labels labels) : SampleSeries
    {
        public override Labels Labels => labels;

        public override void Read(long minMs, long maxMs, SampleBuffer buffer) => throw new InvalidOperationException("labels only");
    }
}
