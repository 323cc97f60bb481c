using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>How long blocks are kept, per resolution. Zero = for ever.</summary>
public readonly record struct RetentionPeriods(TimeSpan Raw, TimeSpan FiveMinutes, TimeSpan OneHour)
{
    /// <param name="resolutionMs">See <see cref="BlockResolution"/>; others are kept for ever.</param>
    public TimeSpan Of(long resolutionMs) => resolutionMs switch
    {
        BlockResolution.Raw => Raw,
        BlockResolution.FiveMinutes => FiveMinutes,
        BlockResolution.OneHour => OneHour,
        _ => TimeSpan.Zero,
    };
}

/// <summary>Periods for the blocks whose external labels fit all matchers.</summary>
/// <param name="Name">For messages.</param>
public sealed record RetentionRule(string Name, IReadOnlyList<LabelMatcher> Matchers, RetentionPeriods Periods)
{
    public bool Applies(Labels labels) => Matchers.All(m => m.Matches(labels));
}

/// <summary>How long the blocks of a bucket are kept.</summary>
public sealed record RetentionPolicy
{
    /// <summary>For blocks that no rule applies to.</summary>
    public RetentionPeriods Default { get; init; }

    /// <summary>The first that applies counts.</summary>
    public IReadOnlyList<RetentionRule> Rules { get; init; } = [];

    /// <summary>
    /// Deletes data whose asked-for coarser form does not exist yet, as upstream does. Otherwise such blocks are held back until it does.
    /// </summary>
    public bool IgnoresMissingDownsampled { get; init; }

    public bool IsEmpty => Rules.Count == 0 && Default == default;

    public RetentionPeriods Of(Labels labels)
    {
        foreach (RetentionRule rule in Rules)
            if (rule.Applies(labels)) return rule.Periods;
        return Default;
    }
}
