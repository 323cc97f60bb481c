namespace Aion.PromQL;

/// <summary>What a range vector that is a whole answer consists of: the samples in <c>[MinMs, MaxMs]</c>, trimmed if the selector says so.</summary>
/// <param name="CountsAsRead">The samples come from a store and not out of a subquery.</param>
internal sealed record RawWindow(long MinMs, long MaxMs, bool CountsAsRead, EdgeTrim? Trim);

/// <summary>
/// <c>anchored</c> and <c>smoothed</c> range vectors show a sample exactly at each edge of <c>(StartMs, EndMs]</c> and nothing outside.
/// </summary>
internal sealed record EdgeTrim(long StartMs, long EndMs, bool Smoothed)
{
    public (List<long> Times, List<double> Values) Apply(List<long> times, List<double> values)
    {
        int last = times.Count - 1;
        var first = 0;
        while (first < last && times[first] <= StartMs) first++;
        first = Math.Max(0, first - 1);
        if (Smoothed)
        {
            int at = 0;
            while (at < last && times[at] < EndMs) at++;
            last = at;
        }

        if (times[last] <= StartMs) return ([], []);
        double left = Smoothed && times[first] < StartMs
            ? Interpolation.Between(times[first], values[first], times[first + 1], values[first + 1], StartMs, isCounter: false)
            : values[first];
        double right = Smoothed && last > 0 && times[last] > EndMs
            ? Interpolation.Between(times[last - 1], values[last - 1], times[last], values[last], EndMs, isCounter: false)
            : values[last];
        if (times[first] <= StartMs) first++;
        if (times[last] >= EndMs) last--;
        List<long> trimmedTimes = [StartMs];
        List<double> trimmedValues = [left];
        for (int i = first; i <= last; i++)
        {
            trimmedTimes.Add(times[i]);
            trimmedValues.Add(values[i]);
        }

        trimmedTimes.Add(EndMs);
        trimmedValues.Add(right);
        return (trimmedTimes, trimmedValues);
    }
}
