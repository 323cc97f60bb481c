namespace Aion.Query;

/// <summary>
/// Chooses how far a selector looks back. Downsampled data has points further apart, so a coarser allowed resolution looks back
/// further when <paramref name="Dynamic"/> is set.
/// </summary>
/// <param name="BaseMs">What the flag says; 0 = not given, which the engine reads as five minutes.</param>
/// <remarks>Source: reference/http-api.md, "Dynamic lookback".</remarks>
internal readonly record struct LookbackPolicy(long BaseMs, bool Dynamic)
{
    private const long EngineDefaultMs = 300_000;
    private const long FiveMinutesMs = 300_000;
    private const long HourMs = 3_600_000;

    /// <param name="maxResolutionMs">The coarsest resolution the query allows.</param>
    /// <returns>Milliseconds, positive.</returns>
    public long For(long maxResolutionMs)
    {
        long chosen = BaseMs;
        if (Dynamic && maxResolutionMs > Math.Max(FiveMinutesMs, BaseMs)) chosen = Math.Max(BaseMs, HourMs);
        else if (Dynamic && maxResolutionMs > Math.Max(0, BaseMs)) chosen = Math.Max(BaseMs, FiveMinutesMs);
        return chosen > 0 ? chosen : EngineDefaultMs;
    }
}
