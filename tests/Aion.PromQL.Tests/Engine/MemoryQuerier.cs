using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL.Tests;

/// <summary>Series of floats in memory, in batches of a chosen size.</summary>
internal sealed class MemoryQuerier(int batchSize = 100) : IQuerier
{
    private readonly SortedDictionary<Labels, Series> _series = [];

    public int OpenSelects { get; private set; }

    public int Selects { get; private set; }

    /// <summary>Called for each series before it is decoded.</summary>
    public Action<Labels>? BeforeRead { get; set; }

    /// <summary>Thrown after the last batch.</summary>
    public Exception? Failure { get; set; }

    public MemoryQuerier Add(Labels labels, params ReadOnlySpan<(long TimeMs, double Value)> samples)
    {
        _series[labels] = new Series(labels, samples.ToArray(), this);
        return this;
    }

    public async IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(
        SelectHints hints, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        OpenSelects++;
        Selects++;
        try
        {
            await Task.Yield();
            Series[] found = [.. _series.Values.Where(s => hints.Matchers.All(m => m.Matches(s.Labels)))];
            foreach (Series[] batch in found.Chunk(batchSize)) yield return batch;
            if (Failure is not null) throw Failure;
        }
        finally
        {
            OpenSelects--;
        }
    }

    private sealed class Series(Labels labels, (long TimeMs, double Value)[] samples, MemoryQuerier owner) : SampleSeries
    {
        public override Labels Labels => labels;

        public override void Read(long minMs, long maxMs, SampleBuffer buffer)
        {
            owner.BeforeRead?.Invoke(labels);
            foreach ((long time, double value) in samples)
                if (time >= minMs && time <= maxMs) buffer.Add(time, value);
        }
    }
}
