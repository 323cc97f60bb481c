using Aion.Model;

namespace Aion.Blocks;

/// <summary>Keeps the blocks whose external labels, with their id as <c>__block_id</c>, the rules keep: how several gateways share a bucket.</summary>
public sealed class SelectorFilter(RelabelRules rules) : IBlockFilter
{
    public ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        if (rules.IsEmpty) return ValueTask.CompletedTask;
        foreach (BlockMeta meta in selection.Metas.Values.ToList())
        {
            var labels = new LabelsBuilder(meta.Thanos.Labels);
            labels.Set("__block_id", meta.Id.ToString());
            if (!rules.Apply(labels)) selection.Remove(meta.Id, BlockState.LabelExcluded);
        }

        return ValueTask.CompletedTask;
    }
}
