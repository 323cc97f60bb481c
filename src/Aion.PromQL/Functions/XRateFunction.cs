namespace Aion.PromQL;

/// <summary>
/// <c>xrate</c>, <c>xincrease</c> and <c>xdelta</c> of Thanos: the growth since the last sample at or before the start of the window, which the
/// window reaches back for by up to an hour, and not extrapolated.
/// </summary>
/// <remarks>
/// A range query answers at each step what an instant query answers there. Thanos's engine loses the sample before the window when steps lie
/// further apart than the range, which its own tests call odd; and it cuts ranges to whole seconds.
/// </remarks>
internal sealed class XRateFunction(bool isCounter, bool isRate) : RangeFunction
{
    /// <summary>How far before the window the sample may lie that growth is measured from; left-open.</summary>
    public const long LookbackMs = 3_600_000;

    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        if (window.Histograms.Length > 0) throw PromQLException.Execution("native histograms are not supported in extended range functions");
        if (window.Values.IsEmpty) return false;
        result.Float = Growth(window.Times, window.Values, window.StartMs, window.EndMs, scope);
        return true;
    }

    public override bool EvaluateFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, WindowBounds windows, RangeScope scope, Row row)
    {
        ReferenceTimes ends = scope.Call.Windows.Ends;
        var work = 0;
        for (var step = 0; step < windows.Count; step++)
        {
            long end = ends.At(step), start = end - scope.Call.Windows.RangeMs;
            int low = FirstSample(times, windows.Low[step], start), high = windows.High[step];
            if (low == high) continue;
            windows.Poll(high - low, ref work);
            scope.FirstSampleMs = times[EarliestSample(times, low, start)];
            row.Values[step] = Growth(times[low..high], values[low..high], start, end, scope);
            Bits.Set(row.Present, step);
        }

        return true;
    }

    public override int FirstSample(ReadOnlySpan<long> times, int low, long startMs) =>
        low > 0 && times[low - 1] > startMs - LookbackMs ? low - 1 : low;

    /// <summary>What an instant query would have selected first, or something as early: then the counter did not appear within the window.</summary>
    public override int EarliestSample(ReadOnlySpan<long> times, int first, long startMs) => FirstSample(times, first, startMs);

    private double Growth(ReadOnlySpan<long> times, ReadOnlySpan<double> values, long startMs, long endMs, RangeScope scope)
    {
        bool isIncrease = isCounter && !isRate;
        // A counter that appeared during the range and has not moved since began at zero.
        if (isIncrease && endMs <= scope.FirstSampleMs + scope.Call.Windows.RangeMs && IsConstant(values)) return values[0];
        double sampled = times[^1] - times[0], average = sampled / (times.Length - 1);
        var first = 0;
        if (!isIncrease && startMs - times[0] > average)
        {
            // The sample before the window is too far off to measure from.
            if (times.Length < 3) return 0;
            first = 1;
            sampled = times[^1] - times[1];
            average = sampled / (times.Length - 2);
        }

        double growth = values[^1] - values[first] + (isCounter ? Lost(values[first..]) : 0);
        double rangeSeconds = scope.Call.RangeSeconds;
        bool coversRange = times[first] <= startMs && endMs - times[^1] < average;
        if (!isIncrease && coversRange) growth *= rangeSeconds / (sampled / 1000);
        return isRate ? growth / rangeSeconds : growth;
    }

    /// <summary>What a counter had reached before each of its resets, added up.</summary>
    private static double Lost(ReadOnlySpan<double> values)
    {
        double lost = 0, last = 0;
        foreach (double value in values)
        {
            if (value < last) lost += last;
            last = value;
        }

        return lost;
    }

    private static bool IsConstant(ReadOnlySpan<double> values)
    {
        for (var i = 1; i < values.Length; i++)
            if (values[i - 1] != values[i]) return false;
        return true;
    }
}
