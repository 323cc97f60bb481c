using System.Globalization;

namespace Aion.ObjectStorage.Swift;

/// <summary>What the head of an object says.</summary>
/// <param name="IsStatic">A manifest lists its segments.</param>
/// <param name="DynamicPrefix">Container and prefix of its segments, escaped; null where it has none.</param>
internal sealed record SwiftObject(ObjectAttributes Attributes, bool IsStatic, string? DynamicPrefix)
{
    public bool IsLarge => IsStatic || DynamicPrefix is not null;

    public static SwiftObject Of(HttpResponseMessage answer) => new(
        new ObjectAttributes(answer.Content.Headers.ContentLength ?? 0, Seconds(TimeOf(answer))),
        string.Equals(SwiftAnswers.Header(answer, "X-Static-Large-Object"), "true", StringComparison.OrdinalIgnoreCase),
        SwiftAnswers.Header(answer, "X-Object-Manifest"));

    /// <summary>Listings and heads round differently below the second: an object has one time.</summary>
    public static DateTimeOffset Seconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    // Last-Modified is rounded up to the next second, and of a dynamic large object it is its newest segment's.
    private static DateTimeOffset TimeOf(HttpResponseMessage answer) =>
        decimal.TryParse(SwiftAnswers.Header(answer, "X-Timestamp"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds)
            && seconds is >= 0 and < 100_000_000_000
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : answer.Content.Headers.LastModified ?? DateTimeOffset.UnixEpoch;
}
