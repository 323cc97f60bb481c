using System.Text;
using Aion.Model;

namespace Aion.Blocks;

/// <summary>Takes the replica labels off the external labels, so that blocks of replicas fall into one group.</summary>
public sealed class ReplicaLabelFilter(IReadOnlyList<string> replicaLabels) : IBlockFilter
{
    private const string Deduped = "deduped";

    public ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        if (replicaLabels.Count == 0) return ValueTask.CompletedTask;
        foreach (BlockMeta meta in selection.Metas.Values.ToList())
        {
            Labels without = WithoutReplicaLabels(meta.Thanos.Labels, replicaLabels);
            if (without != meta.Thanos.Labels) selection.Replace(meta with { Thanos = meta.Thanos with { Labels = without } });
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>A block may not end up without any label, so the last one taken away leaves a mark in its place.</summary>
    public static Labels WithoutReplicaLabels(Labels labels, IReadOnlyList<string> replicaLabels)
    {
        var builder = new LabelsBuilder(labels);
        foreach (string name in replicaLabels) builder.Remove(Encoding.UTF8.GetBytes(name));
        if (builder.Count == labels.Count) return labels;
        if (builder.Count == 0) builder.Set(replicaLabels[0], Deduped);
        return builder.ToLabels();
    }
}
