using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;

namespace Aion.Tools;

/// <summary><c>--min-time</c> and <c>--max-time</c>: only blocks that touch the closed range between them.</summary>
internal sealed class TimeRangeFlags(FlagSet flags)
{
    private readonly Flag<TimeOrDuration> _min = flags.TimeOrDuration(
        "min-time", "Leaves out blocks that end before this: an RFC 3339 time, or a duration relative to now such as -1d.", "0000-01-01T00:00:00Z");

    private readonly Flag<TimeOrDuration> _max = flags.TimeOrDuration(
        "max-time", "Leaves out blocks that begin after this: an RFC 3339 time, or a duration relative to now such as -1d.", "9999-12-31T23:59:59Z");

    /// <exception cref="ComponentException">The range ends before it begins.</exception>
    public TimePartitionFilter Filter(ParsedFlags flags, TimeProvider time)
    {
        TimeOrDuration min = flags.Get(_min), max = flags.Get(_max);
        if (min.ResolveMs(time) > max.ResolveMs(time))
            throw new ComponentException($"invalid argument: --min-time '{min}' can't be greater than --max-time '{max}'");
        return new TimePartitionFilter(_ => min.ResolveMs(time), _ => max.ResolveMs(time));
    }
}
