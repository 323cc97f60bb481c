using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Tools;

/// <summary><c>tools bucket mark</c>: puts markers beside blocks and takes them away.</summary>
internal static class MarkCommand
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);

    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket mark",
        "Mark blocks for deletion, or against compaction or downsampling. A compactor that works on the same block at this moment may not see the mark.",
        static flags => new Handles(flags), SetupAsync);

    private static async Task SetupAsync(
        Handles handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        IReadOnlyList<BlockId> ids = BlockFetch.Ids(flags.Get(handles.Ids));
        bool removes = flags.Get(handles.Remove);
        string details = flags.Get(handles.Details), file = flags.Get(handles.Marker);
        if (!removes && details.Length == 0) throw new ComponentException("required flag --details not provided");
        var marker = new BlockMarker(bucket, context.Time, context.Logger);
        group.Add("mark", async token =>
        {
            using CancellationTokenSource limit = new(TimeLimit, context.Time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
            try
            {
                foreach (BlockId id in ids)
                {
                    if (removes) await RemoveAsync(marker, id, file, context.Logger, either.Token);
                    else await MarkAsync(marker, id, file, details, context.Logger, either.Token);
                }
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !token.IsCancellationRequested)
            {
                throw new ComponentException($"marking took longer than {GoDuration.Format(TimeLimit)}");
            }

            context.Logger.Info("marking done", [("marker", file), ("IDs", string.Join(',', ids))]);
        });
    }

    private static async Task MarkAsync(
        BlockMarker marker, BlockId id, string file, string details, ILogger logger, CancellationToken cancellationToken)
    {
        (Task<MarkOutcome> marking, string what) = file switch
        {
            BlockLayout.DeletionMarkFile => (marker.MarkForDeletionAsync(id, details, cancellationToken), "deletion"),
            BlockLayout.NoCompactMarkFile => (marker.MarkNoCompactAsync(id, NoCompactReason.Manual, details, cancellationToken), "no compaction"),
            _ => (marker.MarkNoDownsampleAsync(id, NoCompactReason.Manual, details, cancellationToken), "no downsample"),
        };
        if (await marking == MarkOutcome.Written) logger.Info($"block has been marked for {what}", [("block", id)]);
        else
        {
            logger.Warn(
                $"requested to mark for {what}, but file already exists; this should not happen; investigate",
                [("err", $"file {BlockLayout.Key(id, file)} already exists in bucket")]);
        }
    }

    private static async Task RemoveAsync(BlockMarker marker, BlockId id, string file, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            await marker.RemoveAsync(id, file, cancellationToken);
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            logger.Warn(
                "requested to remove the mark, but file does not exist",
                [("err", $"file {BlockLayout.Key(id, file)} does not exist in bucket")]);
        }
    }

    private sealed class Handles(FlagSet flags)
    {
        public Flag<IReadOnlyList<string>> Ids { get; } = flags.Strings("id", "Block to mark (repeated).", required: true);

        public Flag<string> Marker { get; } = flags.Enum(
            "marker", "Marker to put or to remove.", [BlockLayout.DeletionMarkFile, BlockLayout.NoCompactMarkFile, BlockLayout.NoDownsampleMarkFile], required: true);

        public Flag<string> Details { get; } = flags.String("details", "Why, for people; goes into the marker.");

        public Flag<bool> Remove { get; } = flags.Bool("remove", "Remove the marker instead.");
    }
}
