namespace Aion.PromQL;

/// <summary>
/// The windows of all steps over the floats of one series: step i holds the samples <c>[Low[i], High[i])</c>. Spans into a scratch that the
/// worker reuses.
/// </summary>
internal readonly ref struct WindowBounds(ReadOnlySpan<int> low, ReadOnlySpan<int> high, CancellationToken stop)
{
    /// <summary>Samples worked on between two looks at whether the query shall stop: some milliseconds, whatever the function.</summary>
    public const int PollSamples = 1 << 20;

    public ReadOnlySpan<int> Low { get; } = low;

    public ReadOnlySpan<int> High { get; } = high;

    public int Count => Low.Length;

    /// <summary>Stops a query that was canceled while one long series is evaluated.</summary>
    /// <param name="samples">Touched since the last call.</param>
    /// <param name="work">Touched since the last look; the caller keeps it.</param>
    /// <exception cref="OperationCanceledException">The query shall stop.</exception>
    public void Poll(int samples, ref int work)
    {
        work += samples;
        if (work < PollSamples) return;
        work = 0;
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Moves both ends forward only, so all steps together cost one pass over the times.</summary>
    /// <param name="times">Ascending.</param>
    /// <param name="windows">The steps; ends never go back.</param>
    /// <param name="scratch">Holds the answer.</param>
    /// <param name="total">Samples of all windows.</param>
    /// <param name="read">Samples, each counted at the first step that has it.</param>
    /// <param name="stop">Of the query.</param>
    public static WindowBounds Of(ReadOnlySpan<long> times, in WindowSequence windows, RangeScratch scratch, out long total, out long read, CancellationToken stop = default)
    {
        int count = windows.Ends.Count;
        Span<int> lows = scratch.Low.AsSpan(0, count), highs = scratch.High.AsSpan(0, count);
        int low = 0, high = 0;
        long end = windows.Ends.StartMs;
        (total, read) = (0, 0);
        for (var step = 0; step < count; step++, end += windows.Ends.StepMs)
        {
            int before = high;
            while (high < times.Length && times[high] <= end) high++;
            long start = end - windows.RangeMs;
            while (low < high && times[low] <= start) low++;
            lows[step] = low;
            highs[step] = high;
            total += high - low;
            read += high - Math.Max(low, before);
        }

        return new WindowBounds(lows, highs, stop);
    }
}

/// <summary>Arrays that a worker reuses from series to series; the contents mean nothing between calls.</summary>
internal sealed class RangeScratch(int steps)
{
    private double[] _sorted = [];
    private int[] _deque = [];

    public int[] Low { get; } = new int[steps];

    public int[] High { get; } = new int[steps];

    /// <summary>Growth between first and last sample, by step.</summary>
    public double[] Growth { get; } = new double[steps];

    /// <summary>The first value, by step.</summary>
    public double[] First { get; } = new double[steps];

    /// <summary>Milliseconds from the window's start to the first sample, by step.</summary>
    public double[] ToStart { get; } = new double[steps];

    /// <summary>Milliseconds from the last sample to the window's end, by step.</summary>
    public double[] ToEnd { get; } = new double[steps];

    /// <summary>Milliseconds from the first to the last sample, by step.</summary>
    public double[] Sampled { get; } = new double[steps];

    /// <summary>Intervals between samples, by step; zero where there is no answer.</summary>
    public double[] Intervals { get; } = new double[steps];

    public long Bytes => steps * 56L + 200;

    public double[] Sorted(int length)
    {
        if (_sorted.Length < length) _sorted = new double[Math.Max(length, 2 * _sorted.Length)];
        return _sorted;
    }

    public int[] Deque(int length)
    {
        if (_deque.Length < length) _deque = new int[Math.Max(length, 2 * _deque.Length)];
        return _deque;
    }
}
