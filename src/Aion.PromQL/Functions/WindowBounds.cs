using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

    /// <summary>The steps whose windows all move by <see cref="SteadyRun.Pace"/> samples and lie alike among them.</summary>
    public SteadyRun Steady { get; private init; }

    /// <param name="times">Ascending.</param>
    /// <param name="intervalMs">The distance of all neighbours, or 0.</param>
    /// <param name="windows">The steps; ends never go back.</param>
    /// <param name="scratch">Holds the answer.</param>
    /// <param name="total">Samples of all windows.</param>
    /// <param name="read">Samples, each counted at the first step that has it.</param>
    /// <param name="stop">Of the query.</param>
    public static WindowBounds Of(
        ReadOnlySpan<long> times, long intervalMs, in WindowSequence windows, RangeScratch scratch, out long total, out long read,
        CancellationToken stop = default)
    {
        ReferenceTimes ends = windows.Ends, starts = ends with { StartMs = ends.StartMs - windows.RangeMs };
        Span<int> lows = scratch.Low.AsSpan(0, ends.Count), highs = scratch.High.AsSpan(0, ends.Count);
        StepPositions.CountUpTo(times, intervalMs, ends, highs);
        StepPositions.CountUpTo(times, intervalMs, starts, lows);
        CountSamples(lows, highs, out total, out read);
        return new WindowBounds(lows, highs, stop) { Steady = SteadyRun.Of(times, intervalMs, starts, ends) };
    }

    private static void CountSamples(ReadOnlySpan<int> lows, ReadOnlySpan<int> highs, out long total, out long read)
    {
        total = highs[0] - lows[0];
        read = total;
        var step = 1;
        Vector256<long> totals = default, reads = default;
        ref int low = ref MemoryMarshal.GetReference(lows), high = ref MemoryMarshal.GetReference(highs);
        for (; step <= lows.Length - Vector256<int>.Count; step += Vector256<int>.Count)
        {
            Vector256<int> to = Vector256.LoadUnsafe(ref high, (nuint)step), before = Vector256.LoadUnsafe(ref high, (nuint)(step - 1));
            Vector256<int> from = Vector256.LoadUnsafe(ref low, (nuint)step);
            Vector256<int> all = to - from, fresh = to - Vector256.Max(from, before);
            totals += Vector256.WidenLower(all) + Vector256.WidenUpper(all);
            reads += Vector256.WidenLower(fresh) + Vector256.WidenUpper(fresh);
        }

        total += Vector256.Sum(totals);
        read += Vector256.Sum(reads);
        for (; step < lows.Length; step++)
        {
            total += highs[step] - lows[step];
            read += highs[step] - Math.Max(lows[step], highs[step - 1]);
        }
    }
}

/// <summary>
/// Steps <c>[From, To)</c> over regular samples, where the step is a multiple of their interval and no window reaches over an end: every
/// window is the one before it, moved by <paramref name="Pace"/> samples.
/// </summary>
internal readonly record struct SteadyRun(int From, int To, int Pace)
{
    public static SteadyRun Of(ReadOnlySpan<long> times, long intervalMs, ReferenceTimes starts, ReferenceTimes ends)
    {
        if (intervalMs <= 0 || ends.StepMs % intervalMs != 0 || ends.StepMs / intervalMs is not (> 0 and <= int.MaxValue and var pace)) return default;
        long low = StepPositions.FirstPosition(times[0], intervalMs, starts), high = StepPositions.FirstPosition(times[0], intervalMs, ends);
        long from = low >= 0 ? 0 : (-low + pace - 1) / pace;
        long to = high > times.Length ? 0 : Math.Min(ends.Count, ((times.Length - high) / pace) + 1);
        return to > from ? new SteadyRun((int)from, (int)to, (int)pace) : default;
    }
}

/// <summary>Finds where the steps of a grid lie among the samples of a series.</summary>
internal static class StepPositions
{
    /// <summary>Positions up to here, and as many steps on from here, fit an int.</summary>
    private const int MostVectorPosition = 1 << 29;

    /// <summary>Writes for each step how many samples are not later than it.</summary>
    /// <param name="times">Ascending.</param>
    /// <param name="intervalMs">The distance of all neighbours, or 0.</param>
    /// <param name="steps">Do not go back.</param>
    /// <param name="counts">One a step.</param>
    public static void CountUpTo(ReadOnlySpan<long> times, long intervalMs, ReferenceTimes steps, Span<int> counts)
    {
        if (intervalMs > 0) Compute(times[0], times.Length, intervalMs, steps, counts);
        else Search(times, steps, counts);
    }

    /// <summary>How many samples at regular distances are not later than the first step, as if they had neither beginning nor end.</summary>
    public static long FirstPosition(long firstMs, long intervalMs, ReferenceTimes steps) => FloorDivide(steps.StartMs - firstMs, intervalMs) + 1;

    /// <summary>Samples at regular distances: nothing is read, the position goes on by the same amount a step.</summary>
    private static void Compute(long firstMs, int length, long intervalMs, ReferenceTimes steps, Span<int> counts)
    {
        long position = FirstPosition(firstMs, intervalMs, steps);
        (long perStep, long restPerStep) = Math.DivRem(steps.StepMs, intervalMs);
        if (restPerStep == 0 && Math.Abs(position) < MostVectorPosition && perStep < MostVectorPosition / counts.Length)
        {
            Multiples((int)position, (int)perStep, length, counts);
            return;
        }

        long rest = steps.StartMs - firstMs - (position - 1) * intervalMs;
        for (var step = 0; step < counts.Length; step++)
        {
            counts[step] = (int)Math.Clamp(position, 0, length);
            position += perStep;
            rest += restPerStep;
            if (rest < intervalMs) continue;
            rest -= intervalMs;
            position++;
        }
    }

    private static void Multiples(int position, int perStep, int length, Span<int> counts)
    {
        var at = 0;
        Vector256<int> here = Vector256.CreateSequence(position, perStep), eightSteps = Vector256.Create(perStep * Vector256<int>.Count);
        Vector256<int> most = Vector256.Create(length);
        for (; at <= counts.Length - Vector256<int>.Count; at += Vector256<int>.Count, here += eightSteps)
            Vector256.Min(Vector256.Max(here, Vector256<int>.Zero), most).StoreUnsafe(ref counts[at]);
        for (; at < counts.Length; at++) counts[at] = Math.Clamp(position + (at * perStep), 0, length);
    }

    /// <summary>A step goes on by as many samples as the one before it did, if that is right; else samples are walked one by one.</summary>
    private static void Search(ReadOnlySpan<long> times, ReferenceTimes steps, Span<int> counts)
    {
        int at = 0, pace = 0;
        long until = steps.StartMs;
        for (var step = 0; step < counts.Length; step++, until += steps.StepMs)
        {
            int from = at;
            // The walk below corrects a guess that is too low, never one that is too high.
            if (at + pace <= times.Length && pace > 0 && times[at + pace - 1] <= until) at += pace;
            while (at < times.Length && times[at] <= until) at++;
            pace = at - from;
            counts[step] = at;
        }
    }

    private static long FloorDivide(long value, long divisor)
    {
        (long quotient, long rest) = Math.DivRem(value, divisor);
        return rest < 0 ? quotient - 1 : quotient;
    }
}

/// <summary>Arrays that a worker reuses from series to series; the contents mean nothing between calls.</summary>
internal sealed class RangeScratch(int steps)
{
    private double[] _doubles = [];

    public int[] Low { get; } = new int[steps];

    public int[] High { get; } = new int[steps];

    public long Bytes => steps * 8L + 200;

    public double[] Doubles(int length)
    {
        if (_doubles.Length < length) _doubles = new double[Math.Max(length, 2 * _doubles.Length)];
        return _doubles;
    }
}
