using Aion.Model;

namespace Aion.Blocks;

/// <summary>Keeps the blocks whose external labels, with their id as <c>__block_id</c>, the rules keep: how several processes share a bucket.</summary>
/// <param name="ignoredLabels">External labels that the rules do not see: a compactor that merges replicas must have all of them.</param>
public sealed class SelectorFilter(RelabelRules rules, IReadOnlyList<string>? ignoredLabels = null) : IBlockFilter
{
    public ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        if (rules.IsEmpty) return ValueTask.CompletedTask;
        foreach (BlockMeta meta in selection.Metas.Values.ToList())
        {
            var labels = new LabelsBuilder(meta.Thanos.Labels);
            foreach (string ignored in ignoredLabels ?? []) labels.Remove(ignored);
            labels.Set("__block_id", meta.Id.ToString());
            if (!rules.Apply(labels)) selection.Remove(meta.Id, BlockState.LabelExcluded);
        }

        return ValueTask.CompletedTask;
    }
}
