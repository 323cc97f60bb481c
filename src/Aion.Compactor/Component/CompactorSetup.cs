using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>Makes options of flags and checks them.</summary>
internal static class CompactorSetup
{
    /// <exception cref="ComponentException">Names the flag that is wrong.</exception>
    public static async Task<CompactorOptions> OptionsAsync(
        CompactorFlags handles, ParsedFlags flags, ComponentContext context, CancellationToken cancellationToken)
    {
        string selector = await handles.Selector.ReadAsync(flags, context.Environment, cancellationToken);
        string retention = await handles.RetentionPolicy.ReadAsync(flags, context.Environment, cancellationToken);
        TimeOrDuration min = flags.Get(handles.MinTime), max = flags.Get(handles.MaxTime);
        IReadOnlyList<string> replicaLabels = ReplicaLabelList.Split(flags.Get(handles.ReplicaLabels));
        bool isPenalty = flags.Get(handles.DeduplicationFunction) == "penalty";
        if (isPenalty && replicaLabels.Count == 0)
            throw new ComponentException("penalty based deduplication needs at least one replica label specified (--deduplication.replica-label)");
        CompactionPolicy policy = Policy(handles, flags, retention);
        try
        {
            return new CompactorOptions
            {
                DataDirectory = flags.Get(handles.DataDirectory),
                Policy = policy,
                Merge = new MergeOptions
                {
                    Function = isPenalty ? MergeFunction.Penalty : MergeFunction.Chain,
                    MemoryBudgetBytes = flags.Get(handles.MemoryBudget),
                    AcceptMalformedIndex = flags.Get(handles.AcceptMalformedIndex),
                },
                ReplicaLabels = replicaLabels,
                Selector = RelabelFile.ParseSelector(selector),
                MinTimeMs = now => Resolve(min, now),
                MaxTimeMs = now => Resolve(max, now),
                Discovery = flags.Get(handles.Discovery) switch
                {
                    "concurrent" => BlockDiscovery.Concurrent,
                    "recursive" => BlockDiscovery.Recursive,
                    var other => throw new ComponentException($"--block-discovery-strategy: unknown strategy {other}: concurrent or recursive"),
                },
                MetaConcurrency = AtLeastOne(handles.MetaConcurrency, flags),
                FileConcurrency = AtLeastOne(handles.FileConcurrency, flags),
                Concurrency = AtLeastOne(handles.Concurrency, flags),
                BlockFetchConcurrency = AtLeastOne(handles.BlockFetchConcurrency, flags),
                DownsampleConcurrency = AtLeastOne(handles.DownsampleConcurrency, flags),
                Sha256 = flags.Get(handles.HashFunction) == "SHA256",
                Halting = Halting(handles, flags),
                IsVertical = flags.Get(handles.Vertical) || replicaLabels.Count > 0,
                SkipsOutOfOrderBlocks = flags.Get(handles.SkipOutOfOrder),
                WaitInterval = Positive(handles.WaitInterval, flags),
                CleanupInterval = flags.Get(handles.CleanupInterval),
                ProgressInterval = flags.Get(handles.ProgressInterval),
                StallTimeout = Positive(handles.StallTimeout, flags),
            };
        }
        catch (FormatException e)
        {
            throw new ComponentException(e.Message, e);
        }
    }

    private static CompactionPolicy Policy(CompactorFlags handles, ParsedFlags flags, string retentionYaml)
    {
        int level = flags.Get(handles.MaxLevel);
        if (level < 0 || level > CompactionRanges.MaxLevel)
            throw new ComponentException($"--debug.max-compaction-level: got {level}, there are levels 0 to {CompactionRanges.MaxLevel}");
        bool downsamples = !flags.Get(handles.NoDownsampling);
        var periods = new RetentionPeriods(flags.Get(handles.RetentionRaw), flags.Get(handles.RetentionFiveMinutes), flags.Get(handles.RetentionOneHour));
        if (downsamples) CheckPeriods(periods, "--retention.resolution-raw", "--retention.resolution-5m");
        IReadOnlyList<RetentionRule> rules;
        try
        {
            rules = RetentionFile.Parse(retentionYaml);
        }
        catch (FormatException e)
        {
            throw new ComponentException(e.Message, e);
        }

        foreach (RetentionRule rule in rules)
            if (downsamples) CheckPeriods(rule.Periods, $"retention policy, rule {rule.Name}: raw", $"retention policy, rule {rule.Name}: 5m");
        return new CompactionPolicy
        {
            RangesMs = CompactionRanges.UpTo(level),
            MaxIndexBytes = flags.Get(handles.MaxIndexSize),
            MergesDownsampledOverlaps = flags.Get(handles.MergeDownsampledOverlaps),
            DownsamplingEnabled = downsamples,
            DeleteDelay = NotNegative(handles.DeleteDelay, flags),
            ConsistencyDelay = NotNegative(handles.ConsistencyDelay, flags),
            Retention = new RetentionPolicy
            {
                Default = periods,
                Rules = rules,
                IgnoresMissingDownsampled = flags.Get(handles.DeletesWithoutDownsampled),
            },
        };
    }

    /// <summary>Shorter periods would delete blocks before they are long enough to be downsampled.</summary>
    private static void CheckPeriods(RetentionPeriods periods, string raw, string fiveMinutes)
    {
        const string Why = "blocks shorter than that are not downsampled and would be deleted before (--downsampling.disable turns downsampling off)";
        if (periods.Raw != TimeSpan.Zero && periods.Raw.TotalMilliseconds < DownsamplePlanner.MinRawRangeMs)
            throw new ComponentException($"{raw} must be at least 40h when downsampling is enabled: {Why}");
        if (periods.FiveMinutes != TimeSpan.Zero && periods.FiveMinutes.TotalMilliseconds < DownsamplePlanner.MinFiveMinuteRangeMs)
            throw new ComponentException($"{fiveMinutes} must be at least 10d when downsampling is enabled: {Why}");
    }

    private static HaltMode Halting(CompactorFlags handles, ParsedFlags flags)
    {
        // Only who gives the flag asks for it; its default is upstream's, and what upstream halts on is dealt with here.
        if (!flags.IsGiven(handles.HaltOnError)) return HaltMode.Never;
        return flags.Get(handles.HaltOnError) && flags.Get(handles.Wait) ? HaltMode.Halt : HaltMode.Exit;
    }

    /// <exception cref="ComponentException">It is zero or less: the loop would not pause, or the wait would end at once.</exception>
    internal static TimeSpan Positive(Flag<TimeSpan> flag, ParsedFlags flags) =>
        flags.Get(flag) is var value && value > TimeSpan.Zero ? value : throw new ComponentException($"--{flag.Name} must be more than 0");

    private static TimeSpan NotNegative(Flag<TimeSpan> flag, ParsedFlags flags) =>
        flags.Get(flag) is var value && value >= TimeSpan.Zero ? value : throw new ComponentException($"--{flag.Name} must not be negative");

    private static int AtLeastOne(Flag<int> flag, ParsedFlags flags) =>
        flags.Get(flag) is var value and >= 1 ? value : throw new ComponentException($"--{flag.Name} must be at least 1");

    private static long Resolve(TimeOrDuration bound, DateTimeOffset now) =>
        bound.FixedMs ?? now.ToUnixTimeMilliseconds() + (long)bound.FromNow!.Value.TotalMilliseconds;
}
