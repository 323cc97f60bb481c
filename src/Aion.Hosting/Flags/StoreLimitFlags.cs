namespace Aion.Hosting;

/// <summary>Limits of one Series call; reference/cli-flags.md §2.6.</summary>
public sealed class StoreLimitFlags
{
    public StoreLimitFlags(FlagSet flags)
    {
        Series = flags.UInt64("store.limits.request-series",
            "Most series one Series call may return; the call fails beyond it. 0 for no limit.", "0");
        Samples = flags.UInt64("store.limits.request-samples",
            "Most samples one Series call may return; the call fails beyond it. 0 for no limit.", "0");
    }

    public Flag<ulong> Series { get; }

    public Flag<ulong> Samples { get; }
}
