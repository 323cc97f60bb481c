using Aion.Blocks;

namespace Aion.Standalone;

/// <summary>Hides blocks of our own metrics that a newer one replaces, so that no sample is seen in two blocks.</summary>
internal sealed class SupersededFilter(SelfMetricsRecorder recorder) : IBlockFilter
{
    public ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        foreach (Model.BlockId id in selection.Metas.Keys.Where(recorder.IsSuperseded).ToList()) selection.Remove(id, BlockState.Duplicate);
        return ValueTask.CompletedTask;
    }
}
