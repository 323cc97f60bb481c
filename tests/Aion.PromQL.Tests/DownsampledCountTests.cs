using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL.Tests;

/// <summary>Peer fault W2: over downsampled data count_over_time counts the samples that the points stand for.</summary>
public sealed class DownsampledCountTests
{
    [Theory]
    [InlineData(true, "count_over_time(m[1h])", 25)]
    [InlineData(false, "count_over_time(m[1h])", 3)]
    [InlineData(true, "present_over_time(m[1h])", 1)]
    [InlineData(true, "max_over_time(m[1h])", 10)]
    public async Task Points_count_as_what_they_stand_for(bool counts, string query, double expected)
    {
        QueryResult result = await new QueryEngine(TimeProvider.System).InstantAsync(
            query, 3_600_000, new QueryOptions(), new Querier(counts), TestContext.Current.CancellationToken);

        double value = double.NaN;
        foreach (ResultPoint point in Assert.Single(result.Series)) value = point.Value;
        Assert.Equal(expected, value);
    }

    private sealed class Querier(bool counts) : IQuerier
    {
        public async IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(
            SelectHints hints, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            yield return [new Series(counts)];
        }
    }

    private sealed class Series(bool counts) : SampleSeries
    {
        public override Labels Labels { get; } = Labels.Of("__name__", "m");

        public override bool ValuesAreCounts => counts;

        public override void Read(long minMs, long maxMs, SampleBuffer buffer)
        {
            buffer.Add(300_000, 10);
            buffer.Add(600_000, 10);
            buffer.Add(900_000, 5);
        }
    }
}
