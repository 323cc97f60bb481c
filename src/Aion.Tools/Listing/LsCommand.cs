using Aion.Blocks;
using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary><c>tools bucket ls</c>: the blocks of a bucket, one after the other, ascending by name.</summary>
internal static class LsCommand
{
    // One second less than no delay: a mark counts from its own second on.
    private static readonly TimeSpan NoDelay = TimeSpan.FromSeconds(-1);

    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket ls", "List all blocks in the bucket.", static flags => new Handles(flags), RunAsync);

    private static async Task RunAsync(
        Handles handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        List<IBlockFilter> filters =
        [
            handles.TimeRange.Filter(flags, context.Time),
            await handles.Selector.FilterAsync(flags, context, cancellationToken),
        ];
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        Action<BlockMeta, TextWriter> print = LsOutput.Of(flags.Get(handles.Output));
        if (flags.Get(handles.ExcludeDelete)) filters.Add(new DeletionMarkFilter(bucket, NoDelay, 32, context.Logger));

        MetaFetchResult result = await handles.Timeout.RunAsync(
            flags, context, token => BlockFetch.RunAsync(bucket, filters, context, token), cancellationToken);
        foreach (BlockMeta meta in result.Metas.Values.OrderBy(m => m.Id)) print(meta, context.Environment.Output);
        context.Logger.Info("ls done", [("objects", result.Metas.Count)]);
    }

    private sealed class Handles(FlagSet flags)
    {
        public SelectorFlag Selector { get; } = new(flags);

        public Flag<string> Output { get; } = flags.String(
            "output", "Form of the output: nothing for names only, 'wide' for a line about each block, 'json' for its meta.json, "
            + "or a Go template over the meta such as '{{.ULID}}'.", "", @short: 'o');

        public Flag<bool> ExcludeDelete { get; } = flags.Bool("exclude-delete", "Leave out blocks that are marked for deletion.");

        public TimeRangeFlags TimeRange { get; } = new(flags);

        public TimeoutFlag Timeout { get; } = new(flags);
    }
}
