using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Storage;

namespace Aion.Query.Tests;

/// <summary>A source of a few series that remembers what it was asked.</summary>
internal sealed class FakeSource : IQuerySource
{
    private readonly List<(Labels Labels, Sample[] Samples)> _series = [];

    public List<IReadOnlyList<LabelMatcher>> Asked { get; } = [];

    public List<(SelectParameters Select, string Tenant)> Requests { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<StoreStatus> Endpoints { get; } = [];

    /// <summary>Awaited before every select answers.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    public FakeSource Add(Labels labels, params Sample[] samples)
    {
        _series.Add((labels, samples));
        return this;
    }

    public IQuerier Querier(SelectParameters select, string tenant)
    {
        Requests.Add((select, tenant));
        return new FakeQuerier(this);
    }

    public async Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, SelectParameters select, CancellationToken cancellationToken)
    {
        Requests.Add((select, request.Tenant));
        await Before(cancellationToken);
        return Answer(Matching(request.Matchers).SelectMany(s => s.Labels.Pairs().Select(p => p.Key)));
    }

    public async Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, SelectParameters select, CancellationToken cancellationToken)
    {
        Requests.Add((select, request.Tenant));
        await Before(cancellationToken);
        return Answer(Matching(request.Matchers).Select(s => s.Labels.GetValueOrNull(request.Label)).OfType<string>());
    }

    public IReadOnlyList<StoreStatus> Stores() => Endpoints;

    private LabelsAnswer Answer(IEnumerable<string> texts) =>
        new([.. texts.Distinct().Order(Comparer<string>.Create(Utf8Text.CompareByBytes))], [.. Warnings]);

    private List<(Labels Labels, Sample[] Samples)> Matching(IReadOnlyList<LabelMatcher> matchers)
    {
        Asked.Add(matchers);
        return [.. _series.Where(s => matchers.All(m => m.Matches(s.Labels))).OrderBy(s => s.Labels)];
    }

    private sealed class FakeQuerier(FakeSource source) : IQuerier
    {
        public async IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(SelectHints hints, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await source.Before(cancellationToken);
            hints.Warnings.AddRange(source.Warnings);
            yield return [.. source.Matching(hints.Matchers).Select(s => new FakeSeries(s.Labels, s.Samples))];
        }
    }

    private sealed class FakeSeries(Labels labels, Sample[] samples) : SampleSeries
    {
        public override Labels Labels => labels;

        public override void Read(long minMs, long maxMs, SampleBuffer buffer)
        {
            foreach (Sample sample in samples)
                if (sample.TimestampMs >= minMs && sample.TimestampMs <= maxMs) buffer.Add(sample.TimestampMs, sample.Value);
        }
    }
}
