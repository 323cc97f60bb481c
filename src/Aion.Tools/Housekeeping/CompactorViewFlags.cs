using Aion.Blocks;
using Aion.Compactor;
using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary>Flags of tools that look at a bucket as a compactor does: which blocks it would work with.</summary>
internal sealed class CompactorViewFlags
{
    private readonly Flag<TimeSpan> _deleteDelay;
    private readonly Flag<TimeSpan> _consistencyDelay;
    private readonly Flag<int> _concurrency;
    private readonly PathOrContent _selector;

    /// <param name="asCompactor">The delay is written as for <c>aion compact</c>, where 2d is one.</param>
    public CompactorViewFlags(FlagSet flags, bool asCompactor = false)
    {
        const string DeleteDelay = "Time from the mark to the deletion of a block.";
        _deleteDelay = asCompactor ? flags.PrometheusDuration("delete-delay", DeleteDelay, "48h") : flags.GoDuration("delete-delay", DeleteDelay, "48h");
        _consistencyDelay = flags.GoDuration("consistency-delay", "Youngest age at which a block is worked with. Partial uploads are removed when they are older than this, and at least 48h.", "30m");
        _concurrency = flags.Int("block-sync-concurrency", "meta.json files read at once.", "20");
        _selector = CommonFlags.Selector(flags);
    }

    /// <exception cref="ComponentException">A flag makes no sense.</exception>
    public async Task<CompactorOptions> OptionsAsync(
        ParsedFlags flags, ComponentContext context, CompactionPolicy policy, CancellationToken cancellationToken)
    {
        int concurrency = flags.Get(_concurrency);
        if (concurrency < 1) throw new ComponentException($"--{_concurrency.Name} must be at least 1");
        foreach (Flag<TimeSpan> delay in (Flag<TimeSpan>[])[_deleteDelay, _consistencyDelay])
            if (flags.Get(delay) < TimeSpan.Zero) throw new ComponentException($"--{delay.Name} must not be negative");
        string yaml = await _selector.ReadAsync(flags, context.Environment, cancellationToken);
        try
        {
            return new CompactorOptions
            {
                // Nothing is kept there: a tool looks once.
                DataDirectory = Path.Combine(Path.GetTempPath(), $"aion-{context.Name}-{Ulid.NewUlid()}"),
                Policy = policy with { DeleteDelay = flags.Get(_deleteDelay), ConsistencyDelay = flags.Get(_consistencyDelay) },
                Selector = RelabelFile.ParseSelector(yaml),
                MetaConcurrency = concurrency,
            };
        }
        catch (FormatException e)
        {
            throw new ComponentException(e.Message, e);
        }
    }
}

/// <summary>One look at a bucket through a compactor's filters.</summary>
internal static class CompactorLook
{
    /// <exception cref="ComponentException">Some metas could not be had.</exception>
    /// <exception cref="BucketException">The bucket can't be listed.</exception>
    public static async Task<BucketState> TakeAsync(IBucket bucket, CompactorOptions options, ComponentContext context, CancellationToken cancellationToken)
    {
        context.Logger.Info("syncing blocks metadata");
        try
        {
            using BucketView view = new(bucket, options, context.Metrics.Factory, context.Time, context.Logger);
            BucketState state = await view.SyncAsync(cancellationToken);
            // A compactor may go on with what it sees; a person asked for the whole bucket.
            if (view.Incompleteness.Length > 0) throw new ComponentException(view.Incompleteness);
            context.Logger.Info("synced blocks done");
            return state;
        }
        finally
        {
            if (Directory.Exists(options.DataDirectory)) Directory.Delete(options.DataDirectory, recursive: true);
        }
    }
}
