using Aion.Hosting;
using Aion.Model;

namespace Aion.Tools;

/// <summary>Flags of <c>tools bucket replicate</c>.</summary>
internal sealed class ReplicateFlags(FlagSet flags)
{
    public HttpFlags Http { get; } = new(flags);

    public PathOrContent Target { get; } = CommonFlags.ObjectStorage(flags, required: false, "-to");

    public Flag<IReadOnlyList<TimeSpan>> Resolutions { get; } = flags.GoDurations("resolution", "Only blocks of these resolutions (repeated).", ["0s", "5m", "1h"]);

    public Flag<int> MinLevel { get; } = flags.Int("compaction-min", "Only blocks of at least this compaction level.", "1");

    public Flag<int> MaxLevel { get; } = flags.Int("compaction-max", "Only blocks of at most this compaction level.", "4");

    public Flag<IReadOnlyList<int>> Levels { get; } = flags.Ints("compaction", "Only blocks of these compaction levels (repeated), instead of compaction-min and compaction-max.");

    public Flag<string> Matcher { get; } = flags.String(
        "matcher", "Only blocks whose external labels match all of these: {a=\"1\", b!=\"2\", c=~\"3|4\", d!~\"5\"}.");

    public Flag<bool> SingleRun { get; } = flags.Bool("single-run", "Copy once and end, instead of every minute.");

    public TimeRangeFlags TimeRange { get; } = new(flags);

    public Flag<IReadOnlyList<string>> Ids { get; } = flags.Strings("id", "Only these blocks (repeated), whatever the other filters say; runs once.");

    public Flag<bool> IgnoreMarked { get; } = flags.Bool("ignore-marked-for-deletion", "Leave out blocks that are marked for deletion.");

    /// <exception cref="ComponentException">A level, an id or a matcher makes no sense.</exception>
    public ReplicationSelection Selection(ParsedFlags values)
    {
        int min = values.Get(MinLevel), max = values.Get(MaxLevel);
        if (min > max) throw new ComponentException($"--{MinLevel.Name}={min} must not be more than --{MaxLevel.Name}={max}");
        IReadOnlyList<LabelMatcher> matchers;
        try
        {
            matchers = MatcherSet.Parse(values.Get(Matcher));
        }
        catch (FormatException e)
        {
            throw new ComponentException($"parse block label matchers: --{Matcher.Name}: {e.Message}", e);
        }

        return new ReplicationSelection
        {
            Ids = BlockFetch.Ids(values.Get(Ids)).ToHashSet(),
            ResolutionsMs = values.Get(Resolutions).Select(r => (long)r.TotalMilliseconds).ToHashSet(),
            Levels = values.Get(Levels) is { Count: > 0 } levels ? levels.ToHashSet() : null,
            MinLevel = min,
            MaxLevel = max,
            Matchers = matchers,
        };
    }
}
