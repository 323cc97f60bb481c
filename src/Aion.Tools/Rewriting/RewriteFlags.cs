using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;

namespace Aion.Tools;

/// <summary>Flags of <c>tools bucket rewrite</c>.</summary>
internal sealed class RewriteFlags(FlagSet flags)
{
    public Flag<IReadOnlyList<string>> Ids { get; } = flags.Strings("id", "Block to rewrite (repeated).", required: true);

    public Flag<string> TmpDir { get; } = flags.String(
        "tmp.dir", "Working folder. Folders of blocks in it are removed at the start.", Path.Combine(Path.GetTempPath(), "thanos-rewrite"));

    public HashFuncFlag HashFunc { get; } = new(flags);

    public Flag<bool> DryRun { get; } = flags.Bool("dry-run", "Tell the changes and write nothing to the bucket.", @default: true);

    public Flag<bool> PromBlocks { get; } = flags.Bool(
        "prom-blocks", "The blocks are for Prometheus alone: they need no external labels.");

    public Flag<bool> DeleteBlocks { get; } = flags.Bool("delete-blocks", "Mark the old blocks for deletion once the new ones are uploaded.");

    public PathOrContent ToDelete { get; } = flags.PathOrContent(
        "rewrite.to-delete-config", "what to delete, in YAML: a list of matchers and, where not the whole series goes, intervals of mint and maxt");

    public PathOrContent ToRelabel { get; } = flags.PathOrContent("rewrite.to-relabel-config", "relabelling of series in YAML");

    public Flag<bool> AddChangeLog { get; } = flags.Bool(
        "rewrite.add-change-log", "Write every change to change.log beside the new block.", @default: true);

    /// <exception cref="ComponentException">A configuration is wrong, or there is none.</exception>
    public async Task<(string ToDelete, string ToRelabel, IReadOnlyList<DeletionRequest> Deletions, IReadOnlyList<RelabelConfig> Relabels)> ConfigAsync(
        ParsedFlags values, ComponentContext context, CancellationToken cancellationToken)
    {
        string delete = await ToDelete.ReadAsync(values, context.Environment, cancellationToken);
        string relabel = await ToRelabel.ReadAsync(values, context.Environment, cancellationToken);
        if (delete.Length == 0 && relabel.Length == 0) throw new ComponentException("rewrite configuration should be provided");
        try
        {
            return (delete, relabel, delete.Length > 0 ? DeletionRequest.ParseAll(delete) : [], relabel.Length > 0 ? RelabelFile.Parse(relabel) : []);
        }
        catch (FormatException e)
        {
            throw new ComponentException(e.Message, e);
        }
    }
}
