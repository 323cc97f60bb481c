using Aion.Model;

namespace Aion.PromQL;

/// <summary>How the samples that a selector reads enter the statistics of the query.</summary>
/// <param name="Counters">Of the query.</param>
/// <param name="Total">Windows count; not inside a subquery, whose result is counted by its consumer.</param>
/// <param name="Read">Samples count as read; not for the samples that a subquery produced.</param>
/// <param name="Repeat">A step-invariant selector is evaluated once and counts once a step of the query.</param>
/// <param name="PerStep">Steps are counted apart.</param>
/// <param name="Measure">Of the operator, when the query is analyzed.</param>
internal sealed record SampleCounting(QueryCounters Counters, bool Total, bool Read, int Repeat, bool PerStep, NodeMeasure? Measure = null)
{
    public void AddRow(Row row)
    {
        if (!Total && !Read) return;
        Add(row.ChargedSamples, row.ChargedSamples);
        if (!PerStep) return;
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
            AddStep(i, row.HistogramAt(i)?.SampleCost() ?? 1, row.HistogramAt(i)?.SampleCost() ?? 1);
    }

    public void AddWindow(int step, int floats, int newFloats, ReadOnlySpan<FloatHistogram> histograms, int newHistograms)
    {
        if (!Total && !Read) return;
        long total = floats, read = newFloats;
        for (var i = 0; i < histograms.Length; i++)
        {
            long cost = histograms[i].SampleCost();
            total += cost;
            if (i >= histograms.Length - newHistograms) read += cost;
        }

        Add(total, read);
        if (PerStep) AddStep(step, total, read);
    }

    public void Add(long total, long read)
    {
        Counters.Add(Total ? total * Repeat : 0, Read ? read : 0);
        Measure?.AddSamples(Total ? total * Repeat : read);
    }

    private void AddStep(int step, long total, long read)
    {
        if (Repeat == 1)
        {
            Counters.AddAt(step, Total ? total : 0, Read ? read : 0);
            return;
        }

        for (var i = 0; i < Repeat; i++) Counters.AddAt(i, Total ? total : 0, i == 0 && Read ? read : 0);
    }
}
