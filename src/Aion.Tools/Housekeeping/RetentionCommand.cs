using Aion.Blocks;
using Aion.Compactor;
using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary><c>tools bucket retention</c>: marks blocks that are past their time.</summary>
internal static class RetentionCommand
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket retention", "Mark the blocks that exceed the retention of their resolution for deletion. No compactor may run on the bucket meanwhile.",
        static flags => new Handles(flags), RunAsync);

    private static async Task RunAsync(
        Handles handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        foreach (var (flag, what) in handles.Announced)
            if (flags.Get(flag) > TimeSpan.Zero) context.Logger.Info($"retention policy of {what} samples is enabled", [("duration", flags.Get(flag))]);
        CompactionPolicy policy = new() { Retention = await handles.Retention.PolicyAsync(flags, context, cancellationToken) };
        CompactorOptions options = await handles.View.OptionsAsync(flags, context, policy, cancellationToken);
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        BucketState state = await CompactorLook.TakeAsync(bucket, options, context, cancellationToken);
        context.Logger.Warn("GLOBAL COMPACTOR SHOULD __NOT__ BE RUNNING ON THE SAME BUCKET");

        context.Logger.Info("start optional retention");
        RetentionPlan plan = RetentionPlanner.Plan(state, options.Policy, context.Time.GetUtcNow());
        BlockMarker marker = new(bucket, context.Time, context.Logger);
        using Progress progress = new("marking blocks", plan.Expired.Count, context);
        foreach (ExpiredBlock expired in plan.Expired)
        {
            context.Logger.Info(
                "applying retention: marking block for deletion", [("id", expired.Block.Id), ("maxTime", BlockText.Time(expired.Block.MaxTimeMs))]);
            if (await marker.MarkForDeletionAsync(expired.Block.Id, expired.Details, cancellationToken) == MarkOutcome.Written)
                context.Logger.Info("block has been marked for deletion", [("block", expired.Block.Id)]);
            progress.Advance();
        }

        foreach (HeldBlock held in plan.Held)
            context.Logger.Warn("a block past its retention stays", [("id", held.Block.Id), ("reason", held.Reason)]);
        context.Logger.Info("optional retention apply done");
    }

    private sealed class Handles(FlagSet flags)
    {
        public CompactorViewFlags View { get; } = new(flags);

        public RetentionFlags Retention { get; } = new(flags);

        public IEnumerable<(Flag<TimeSpan> Flag, string What)> Announced =>
            [(Retention.Raw, "raw"), (Retention.FiveMinutes, "5 min aggregated"), (Retention.OneHour, "1 hour aggregated")];
    }
}
