using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Tools;

/// <summary><c>tools bucket verify</c>: looks for known troubles of blocks, and repairs what can be repaired.</summary>
internal static class VerifyCommand
{
    private const string CompactorWarning = "GLOBAL COMPACTOR SHOULD __NOT__ BE RUNNING ON THE SAME BUCKET";

    // Before the definition, whose help names them.
    private static IReadOnlyList<IBlockIssue> All { get; } = [new OverlappedBlocks(), new IndexKnownIssues(), new DuplicatedCompaction()];

    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket verify", "Verify all blocks in the bucket against specified issues. No compactor may run on the bucket meanwhile when --repair is given.",
        static flags => new Handles(flags), RunAsync);

    private static async Task RunAsync(
        Handles handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        bool repairs = flags.Get(handles.Repair);
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        string backupYaml = await handles.Backup.ReadAsync(flags, context.Environment, cancellationToken);
        if (repairs && backupYaml.Length == 0) throw new ComponentException("repair is specified, so backup client is required");
        IReadOnlyList<IBlockIssue> issues = Chosen(flags.Get(handles.Issues), repairs);
        IReadOnlySet<BlockId> ids = BlockFetch.Ids(flags.Get(handles.Ids)).ToHashSet();
        IBucket? backup = repairs ? await context.OpenBucketAsync(handles.Backup, flags, cancellationToken) : null;

        ILogger logger = context.Logger.With([("verifiers", string.Join(',', issues.Select(i => i.Id)))]);
        if (repairs) logger.Warn(CompactorWarning);
        logger.Info(repairs ? "Starting verify and repair task" : "Starting verify task");
        foreach (IBlockIssue issue in issues)
        {
            ILogger own = logger.With([("verifier", issue.Id)]);
            BlockCheck check = new(bucket, ids, context, own)
            {
                Disposal = backup is null ? null : new BlockDisposal(bucket, backup, flags.Get(handles.DeleteDelay), context, own),
            };
            try
            {
                await issue.CheckAsync(check, cancellationToken);
            }
            catch (Exception e) when (e is ComponentException or IOException)
            {
                throw new ComponentException($"verify {issue.Id}", e);
            }
        }

        logger.Info(repairs ? "verify and repair task completed" : "verify task completed");
    }

    /// <summary>Those that can't repair first, then the others in the order given.</summary>
    private static IReadOnlyList<IBlockIssue> Chosen(IReadOnlyList<string> names, bool repairs)
    {
        List<IBlockIssue> chosen = [];
        foreach (string name in names)
        {
            IBlockIssue? issue = All.FirstOrDefault(i => i.Id == name && (!repairs || i.IsRepairable));
            chosen.Add(issue ?? throw new ComponentException(repairs && All.Any(i => i.Id == name)
                ? $"no such issue ID {name}: it can be verified but not repaired; choose with --issues"
                : $"no such issue ID {name}"));
        }

        return [.. chosen.Distinct().OrderBy(i => i.IsRepairable)];
    }

    private sealed class Handles(FlagSet flags)
    {
        public PathOrContent Backup { get; } = CommonFlags.ObjectStorage(flags, required: false, "-backup");

        public Flag<bool> Repair { get; } = flags.Bool(
            "repair", "Repair the chosen issues that can be repaired; what is taken away goes to the backup bucket first.", @short: 'r');

        public Flag<IReadOnlyList<string>> Issues { get; } = flags.Strings(
            "issues", $"Issues to verify (repeated): {string.Join(", ", All.Select(i => i.Id))}; repairable: {string.Join(", ", All.Where(i => i.IsRepairable).Select(i => i.Id))}.",
            [IndexKnownIssues.Name, OverlappedBlocks.Name], @short: 'i');

        public Flag<IReadOnlyList<string>> Ids { get; } = flags.Strings("id", "Only these blocks (repeated).");

        public Flag<TimeSpan> DeleteDelay { get; } = flags.PrometheusDuration(
            "delete-delay", "Mark blocks for deletion, for a compactor with this delay or a cleanup to delete them; 0s = delete at once.", "0s");
    }
}
