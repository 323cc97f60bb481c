using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>When filtering series may stand in for reading postings lists.</summary>
/// <param name="MaxKeySeriesRatio">A group that names more lists than this many times the series that can match is left to filtering; 0 = no such rule.</param>
internal sealed record LazyPostingsOptions(double MaxKeySeriesRatio);

/// <summary>Which groups of a plan are read, and which are left to a look at the series that the others select.</summary>
/// <param name="Reason">Why those are left, in the metric's words; empty when none is.</param>
internal sealed record LazyChoice(IReadOnlyList<PostingsGroup> Eager, IReadOnlyList<PostingsGroup> Lazy, string Reason)
{
    public const string KeysLimit = "keys_limit";
    public const string PostingsSize = "postings_size";

    /// <summary>Bytes of the lists that are not read.</summary>
    public long LazyBytes => Lazy.Sum(g => g.Cardinality) * sizeof(uint);
}

/// <summary>
/// Decides which lists are worth reading: a list of a million series that would only halve a hundred costs more than looking at the
/// hundred (query notes ). Pure.
/// </summary>
internal static class LazyPostings
{
    /// <summary>What part of the series a further matcher is thought to leave.</summary>
    private const double MatchRatio = 0.5;

    /// <param name="seriesBytes">What reading one series is thought to cost.</param>
    public static LazyChoice Choose(IReadOnlyList<PostingsGroup> plan, long seriesBytes, double maxKeySeriesRatio)
    {
        PostingsGroup[] groups = [.. plan.OrderBy(g => g.Cardinality).ThenBy(g => g.Name, StringComparer.Ordinal)];
        int first = Array.FindIndex(groups, g => !g.AddsAll);
        if (groups.Length < 2 || first < 0 || seriesBytes <= 0) return new LazyChoice(groups, [], "");

        var eager = groups[..(first + 1)].ToList();
        var lazy = new List<PostingsGroup>();
        var reason = "";
        long most = groups[first].Cardinality;
        long matched = most - (long)Math.Ceiling(groups[..first].Sum(g => g.Cardinality) * MatchRatio);
        for (int i = first + 1; i < groups.Length; i++)
        {
            PostingsGroup group = groups[i];
            if (matched <= 0)
            {
                // Nothing is left to save by reading more; what remains is looked at on the few series there are.
                lazy.AddRange(groups[i..]);
                reason = LazyChoice.PostingsSize;
                break;
            }

            int keys = (group.AddsAll ? group.Remove : group.Add).Count;
            if (maxKeySeriesRatio > 0 && keys > maxKeySeriesRatio * most)
            {
                lazy.Add(group);
                if (reason.Length == 0) reason = LazyChoice.KeysLimit;
                continue;
            }

            long saved = group.AddsAll
                ? (long)Math.Ceiling(Math.Min(group.Cardinality, matched) * MatchRatio)
                : (long)Math.Ceiling(matched * (1 - MatchRatio));
            if (group.Cardinality * sizeof(uint) > saved * seriesBytes)
            {
                lazy.AddRange(groups[i..]);
                reason = LazyChoice.PostingsSize;
                break;
            }

            matched = group.AddsAll ? matched - saved : (long)Math.Ceiling(matched * MatchRatio);
            eager.Add(group);
        }

        return new LazyChoice(eager, lazy, reason);
    }
}
