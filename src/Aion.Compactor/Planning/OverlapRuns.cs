using Aion.Blocks;

namespace Aion.Compactor;

/// <summary>Blocks that share time. Blocks that only touch do not: their ends are exclusive.</summary>
public static class OverlapRuns
{
    /// <summary>The first run of blocks that overlap one after another, or none (L-4.5).</summary>
    /// <param name="blocks">By start.</param>
    public static IReadOnlyList<BlockMeta> First(IReadOnlyList<BlockMeta> blocks)
    {
        var run = new List<BlockMeta>();
        long end = long.MinValue;
        for (var i = 0; i < blocks.Count; i++)
        {
            if (i > 0 && blocks[i].MinTimeMs < end)
            {
                if (run.Count == 0) run.Add(blocks[i - 1]);
                run.Add(blocks[i]);
            }
            else if (run.Count > 0)
            {
                break;
            }

            end = Math.Max(end, blocks[i].MaxTimeMs);
        }

        return run;
    }

    /// <inheritdoc cref="First" path="/param"/>
    public static bool Any(IReadOnlyList<BlockMeta> blocks) => First(blocks).Count > 0;
}
