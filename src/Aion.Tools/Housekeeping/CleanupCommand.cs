using Aion.Blocks;
using Aion.Compactor;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary><c>tools bucket cleanup</c>: deletes what broken-off uploads left, and blocks whose delete delay is over.</summary>
internal static class CleanupCommand
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket cleanup", "Clean up all blocks marked for deletion and all partial uploads that nobody goes on with.",
        static flags => new CompactorViewFlags(flags), RunAsync);

    private static async Task RunAsync(
        CompactorViewFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        CompactorOptions options = await handles.OptionsAsync(flags, context, new CompactionPolicy(), cancellationToken);
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        BucketState state = await CompactorLook.TakeAsync(bucket, options, context, cancellationToken);
        DateTimeOffset now = context.Time.GetUtcNow();

        context.Logger.Info("started cleaning of aborted partial uploads");
        IReadOnlyList<BlockId> partials = HousekeepingPlanner.PlanPartials(state, options.Policy, now);
        using (Progress progress = new("deleting partial uploads", partials.Count, context))
        {
            foreach (BlockId id in partials)
            {
                context.Logger.Info("found partially uploaded block; deleting", [("block", id)]);
                await BlockDeleter.DeleteAsync(bucket, id, cancellationToken);
                context.Logger.Info("deleted aborted partial upload", [("block", id), ("thresholdAge", options.Policy.PartialUploadAge)]);
                progress.Advance();
            }
        }

        context.Logger.Info("cleaning of aborted partial uploads done");
        context.Logger.Info("started cleaning of blocks marked for deletion");
        IReadOnlyList<BlockId> marked = HousekeepingPlanner.PlanDeletions(state, options.Policy, now);
        using (Progress progress = new("deleting marked blocks", marked.Count, context))
        {
            foreach (BlockId id in marked)
            {
                await BlockDeleter.DeleteAsync(bucket, id, cancellationToken);
                context.Logger.Info("deleted block marked for deletion", [("block", id)]);
                progress.Advance();
            }
        }

        context.Logger.Info("cleaning of blocks marked for deletion done");
        context.Logger.Info("cleanup done");
    }
}
