using System.Globalization;
using Aion.Blocks;
using Aion.Model;

namespace Aion.Tools;

/// <summary>Facts about a block in the words of the field.</summary>
internal static class BlockText
{
    private const long NanosecondsPerMs = 1_000_000;
    private static readonly long MinMs = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long MaxMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>RFC 3339 in whole seconds, UTC; the plain number where a calendar does not reach.</summary>
    public static string Time(long timeMs) => timeMs < MinMs || timeMs > MaxMs
        ? timeMs.ToString(CultureInfo.InvariantCulture)
        : DateTimeOffset.FromUnixTimeMilliseconds(timeMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Range(BlockMeta meta) => Duration(meta.MaxTimeMs - meta.MinTimeMs);

    /// <summary>As Go prints a duration; the plain number where that has no such long ones.</summary>
    public static string Duration(long milliseconds) => Math.Abs(milliseconds) > long.MaxValue / NanosecondsPerMs
        ? $"{milliseconds}ms"
        : GoDuration.Format(milliseconds * NanosecondsPerMs);

    /// <summary>Thousands apart by commas.</summary>
    public static string Count(ulong value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>a=1,b=2</c>, by name.</summary>
    public static string Labels(Labels labels) => string.Join(',', labels.Pairs().Select(pair => $"{pair.Key}={pair.Value}"));
}
