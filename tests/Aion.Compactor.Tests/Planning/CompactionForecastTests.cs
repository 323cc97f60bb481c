using Aion.Blocks;
using Aion.Model;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Aion.Compactor.Tests;

public sealed class CompactionForecastTests
{
    private const long Hour = 60 * 60 * 1000;

    [Fact]
    public void Five_days_of_two_hour_blocks_come_to_two_long_ones_and_a_rest()
    {
        BlockMeta[] blocks = [.. Enumerable.Range(0, 60).Select(i => TestMetas.Meta(i + 1, i * 2 * Hour, (i + 1) * 2 * Hour).WithFiles(100, 10))];

        CompactionForecast forecast = CompactionForecast.Of(Assert.Single(BlockGroup.Of(blocks)), new HashSet<BlockId>(), new CompactionPolicy());

        // The last window waits for a block behind it; what comes before is complete.
        Assert.Equal([48.0, 48, 8, 8], forecast.Final.Take(4).Select(b => (b.MaxTimeMs - b.MinTimeMs) / (double)Hour));
        Assert.Equal(14 + 2, forecast.Steps.Count);
        Assert.Equal(60 * 110, forecast.Final.Sum(b => b.TotalBytes()));
    }

    [Property]
    public Property Whatever_the_blocks_planning_ends_keeps_all_sources_and_plans_nothing_more()
    {
        var drawing = ArbMap.Default.GeneratorFor<(byte Start, byte Length, bool Marked)>().ListOf(12).ToArbitrary();
        return Prop.ForAll(drawing, drawn =>
        {
            BlockMeta[] blocks =
                [.. drawn.Select((d, i) => TestMetas.Meta(i + 1, d.Start * 2 * Hour, (d.Start * 2 * Hour) + ((1 + (d.Length % 30)) * 2 * Hour)))];
            HashSet<BlockId> marked = [.. blocks.Where((_, i) => drawn[i].Marked).Select(b => b.Id)];
            foreach (BlockGroup group in BlockGroup.Of(blocks))
            {
                CompactionForecast forecast = CompactionForecast.Of(group, marked, new CompactionPolicy());
                Assert.Equal(blocks.Select(b => b.Id).Order(), forecast.Final.SelectMany(b => b.Compaction.Sources).Order());
                Assert.Empty(CompactionForecast.Of(group.With(forecast.Final), marked, new CompactionPolicy()).Steps);
                Assert.All(forecast.Steps, s => Assert.DoesNotContain(s.Plan.Blocks, b => marked.Contains(b.Id)));
                Assert.False(OverlapRuns.Any([.. forecast.Final.Where(b => !marked.Contains(b.Id))]));
            }
        });
    }
}
