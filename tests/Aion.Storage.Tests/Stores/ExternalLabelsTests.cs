using Aion.Model;

namespace Aion.Storage.Tests;

public sealed class ExternalLabelsTests
{
    private static readonly Labels External = Labels.Of("cluster", "one", "replica", "a");

    [Fact]
    public void Matchers_on_external_labels_are_checked_and_taken_off()
    {
        LabelMatcher job = LabelMatcher.Equal("job", "x");

        Assert.True(ExternalLabels.TryMatch(External, [LabelMatcher.Equal("cluster", "one"), job], out var remaining));
        Assert.Equal([job], remaining);
        Assert.False(ExternalLabels.TryMatch(External, [LabelMatcher.Equal("cluster", "two"), job], out _));
    }

    [Fact]
    public void A_store_may_match_unless_every_set_conflicts()
    {
        LabelMatcher[] matchers = [LabelMatcher.Equal("cluster", "two")];

        Assert.True(ExternalLabels.MayMatch([], matchers));
        Assert.False(ExternalLabels.MayMatch([External], matchers));
        Assert.True(ExternalLabels.MayMatch([External, Labels.Of("zone", "z")], matchers));
    }

    [Fact]
    public void External_labels_win_and_replica_labels_go() => Assert.Equal(
        "{cluster=\"one\", job=\"x\"}",
        ExternalLabels.Merge(Labels.Of("cluster", "mine", "job", "x"), External, ["replica"], new LabelsBuilder()).ToString());
}
