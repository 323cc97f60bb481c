using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>
/// One series over all steps of a grid. <see cref="Present"/> says where there is a sample; it is a histogram where
/// <see cref="Histograms"/> has one, else the float in <see cref="Values"/>. Owned by whoever got it last, who gives it back to its pool.
/// </summary>
internal sealed class Row(int count)
{
    private FloatHistogram?[]? _spareHistograms;

    public Labels Labels { get; set; } = Labels.Empty;

    /// <summary>Delayed name removal: the metadata labels go at the end of the query.</summary>
    public bool DropName { get; set; }

    public int Count { get; } = count;

    public double[] Values { get; } = new double[count];

    public ulong[] Present { get; } = new ulong[Bits.Words(count)];

    /// <summary>Null while the row holds floats only. Entries are null wherever the step has no sample or a float.</summary>
    public FloatHistogram?[]? Histograms { get; private set; }

    /// <summary>What the row counts as in the query's sample account.</summary>
    public long ChargedSamples { get; set; }

    /// <summary>What its labels and histograms drew from the memory budget.</summary>
    public long ChargedBytes { get; set; }

    public bool IsEmpty => Bits.IsEmpty(Present);

    public bool Has(int step) => Bits.Get(Present, step);

    public FloatHistogram? HistogramAt(int step) => Histograms?[step];

    public void Set(int step, double value)
    {
        Values[step] = value;
        Bits.Set(Present, step);
        if (Histograms is not null) Histograms[step] = null;
    }

    public void Set(int step, FloatHistogram histogram)
    {
        HistogramSlots()[step] = histogram;
        Values[step] = 0;
        Bits.Set(Present, step);
    }

    public void Remove(int step)
    {
        Bits.Unset(Present, step);
        if (Histograms is not null) Histograms[step] = null;
    }

    /// <summary>Copies the sample of another row's step, if there is one.</summary>
    public void CopyStep(Row source, int sourceStep, int step)
    {
        if (!source.Has(sourceStep)) return;
        if (source.HistogramAt(sourceStep) is { } histogram) Set(step, histogram);
        else Set(step, source.Values[sourceStep]);
    }

    public FloatHistogram?[] HistogramSlots() => Histograms ??= _spareHistograms ?? new FloatHistogram?[Count];

    /// <summary>Removes every histogram sample; what is left is floats only.</summary>
    public void RemoveHistograms()
    {
        if (Histograms is null) return;
        for (var i = 0; i < Count; i++)
            if (Histograms[i] is not null) Bits.Unset(Present, i);
        ForgetHistograms();
    }

    /// <summary>Keeps only the steps set in <paramref name="keep"/>.</summary>
    public void Keep(ReadOnlySpan<ulong> keep)
    {
        Bits.And(Present, keep);
        if (Histograms is null) return;
        for (var i = 0; i < Count; i++)
            if (!Has(i)) Histograms[i] = null;
    }

    public void ForgetHistograms()
    {
        if (Histograms is null) return;
        Array.Clear(Histograms);
        _spareHistograms = Histograms;
        Histograms = null;
    }

    public void Reset()
    {
        ForgetHistograms();
        Array.Clear(Present);
        Labels = Labels.Empty;
        DropName = false;
        ChargedSamples = 0;
        ChargedBytes = 0;
    }

    /// <summary>Samples in the engine's unit: a float is one, a histogram by its size.</summary>
    public long SampleCost()
    {
        long cost = Bits.Count(Present);
        if (Histograms is null) return cost;
        foreach (FloatHistogram? histogram in Histograms)
            if (histogram is not null) cost += histogram.SampleCost() - 1;
        return cost;
    }
}

/// <summary>Rows of one length, reused within a query. Charges the budget for each row it makes. Thread-safe.</summary>
internal sealed class RowPool(int count, MemoryBudget? budget, SampleAccount samples)
{
    /// <summary>A histogram counts as its size in units of 16 bytes.</summary>
    private const int BytesPerSample = 16;

    private readonly Lock _lock = new();
    private readonly Stack<Row> _free = new();

    public int Count { get; } = count;

    /// <summary>Rows that are out.</summary>
    public int Rented { get; private set; }

    /// <summary>What rows take in memory, with their labels and histograms as far as these are charged.</summary>
    public long SizeOf(List<Row> rows)
    {
        long bytes = rows.Count * RowBytes;
        foreach (Row row in rows) bytes += row.ChargedBytes;
        return bytes;
    }

    private long RowBytes => 160 + Count * 8L + Bits.Words(Count) * 8L;

    public Row Rent()
    {
        lock (_lock)
        {
            Rented++;
            if (_free.TryPop(out Row? row)) return row;
        }

        budget?.Charge(RowBytes, "query rows");
        return new Row(Count);
    }

    public void Return(Row row)
    {
        samples.Release(row.ChargedSamples);
        if (row.ChargedBytes > 0) budget?.Release(row.ChargedBytes);
        row.Reset();
        lock (_lock)
        {
            Rented--;
            _free.Push(row);
        }
    }

    /// <summary>Takes rows without samples out of a list.</summary>
    public void ReturnEmpty(List<Row> rows)
    {
        var kept = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].IsEmpty) Return(rows[i]);
            else rows[kept++] = rows[i];
        }

        rows.RemoveRange(kept, rows.Count - kept);
    }

    /// <summary>Counts the row's samples, labels and histograms in the query's accounts, or corrects the counts after the row changed.</summary>
    public void Charge(Row row)
    {
        long cost = row.SampleCost();
        samples.Charge(cost - row.ChargedSamples);
        row.ChargedSamples = cost;
        if (budget is null) return;
        long bytes = row.Labels.SizeBytes + (row.Histograms is null ? 0 : (Count * 8L) + (cost * BytesPerSample));
        if (bytes > row.ChargedBytes) budget.Charge(bytes - row.ChargedBytes, row.Histograms is null ? "labels of query rows" : "histograms of query rows");
        else if (bytes < row.ChargedBytes) budget.Release(row.ChargedBytes - bytes);
        row.ChargedBytes = bytes;
    }
}

/// <summary>The samples a query holds, against <see cref="QueryOptions.MaxSamples"/>. Thread-safe.</summary>
internal sealed class SampleAccount(long limit)
{
    private long _current;
    private long _peak;

    public long Current => Volatile.Read(ref _current);

    public long Peak => Volatile.Read(ref _peak);

    public void Charge(long samples)
    {
        long current = Interlocked.Add(ref _current, samples);
        if (limit > 0 && current > limit)
            throw PromQLException.Execution("query processing would load too many samples into memory in query execution");
        long peak = Volatile.Read(ref _peak);
        while (current > peak)
        {
            long seen = Interlocked.CompareExchange(ref _peak, current, peak);
            if (seen == peak) break;
            peak = seen;
        }
    }

    public void Release(long samples) => Interlocked.Add(ref _current, -samples);
}
