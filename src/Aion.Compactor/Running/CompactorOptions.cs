using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>What a compactor does when it meets what upstream's halts on: overlaps nobody asked to merge, damaged input.</summary>
public enum HaltMode
{
    /// <summary>Repairs or sets aside, and goes on. Ours.</summary>
    Never,

    /// <summary>Stops all work and waits for a person (<c>--debug.halt-on-error</c>, given).</summary>
    Halt,

    /// <summary>Ends the process (<c>--no-debug.halt-on-error</c>, given).</summary>
    Exit,
}

/// <summary>How a compactor works.</summary>
public sealed record CompactorOptions
{
    /// <summary>Holds the work folders <c>compact/</c>, <c>downsample/</c> and <c>meta-syncer/</c>.</summary>
    public required string DataDirectory { get; init; }

    public CompactionPolicy Policy { get; init; } = new();

    public MergeOptions Merge { get; init; } = new();

    /// <summary>External labels that replicas differ in; they are taken off, so that replicas merge.</summary>
    public IReadOnlyList<string> ReplicaLabels { get; init; } = [];

    public RelabelRules Selector { get; init; } = RelabelRules.Compile([]);

    public Func<DateTimeOffset, long> MinTimeMs { get; init; } = static _ => long.MinValue;

    public Func<DateTimeOffset, long> MaxTimeMs { get; init; } = static _ => long.MaxValue;

    public BlockDiscovery Discovery { get; init; } = BlockDiscovery.Concurrent;

    /// <summary>meta.json files and marks read at once.</summary>
    public int MetaConcurrency { get; init; } = 32;

    /// <summary>Groups compacted at once.</summary>
    public int Concurrency { get; init; } = 1;

    public int DownsampleConcurrency { get; init; } = 1;

    /// <summary>Blocks of one job fetched at once.</summary>
    public int BlockFetchConcurrency { get; init; } = 1;

    /// <summary>Files of one block fetched or stored at once.</summary>
    public int FileConcurrency { get; init; } = 1;

    /// <summary>Puts the SHA-256 of every file into new metas.</summary>
    public bool Sha256 { get; init; }

    public HaltMode Halting { get; init; } = HaltMode.Never;

    /// <summary>Asked for, by flag or by replica labels; only a compactor that halts makes a difference.</summary>
    public bool IsVertical { get; init; }

    /// <summary>Blocks with chunks out of order are marked to be left alone instead of being sorted.</summary>
    public bool SkipsOutOfOrderBlocks { get; init; }

    public TimeSpan WaitInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Zero: only at the end of an iteration.</summary>
    public TimeSpan CleanupInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Zero: the backlog is not counted.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Without any progress for so long while work is left, the compactor calls itself stalled.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromHours(1);
}
