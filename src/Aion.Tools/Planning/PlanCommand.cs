using Aion.Compactor;
using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary>
/// <c>tools bucket plan</c>, ours: what a compactor with these flags would do to the bucket, why, and what it would cost. Nothing is done.
/// </summary>
internal static class PlanCommand
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket plan", "Show what a compactor would do to the bucket and why, and what it would cost in bytes, requests and time. Changes nothing.",
        static flags => new PlanFlags(flags), RunAsync);

    private static async Task RunAsync(
        PlanFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        CompactorOptions options = await handles.OptionsAsync(flags, context, cancellationToken);
        double bytesPerSecond = handles.BytesPerSecond(flags);
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        BucketState state = await CompactorLook.TakeAsync(bucket, options, context, cancellationToken);
        DateTimeOffset now = context.Time.GetUtcNow();
        PlanReport report = new(BucketPlan.Of(state, options.Policy, now), Backlog.Of(state, options.Policy, now), bytesPerSecond);
        TextWriter output = context.Environment.Output;
        if (flags.Get(handles.Output) == "json") PlanOutput.WriteJson(output, report);
        else PlanOutput.WriteTable(output, report);
        context.Logger.Info("plan done", [("blocks", state.Metas.Count), ("actions", report.Plan.Actions.Count)]);
    }
}
