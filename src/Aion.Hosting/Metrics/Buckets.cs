namespace Aion.Hosting;

/// <summary>Bucket bounds that dashboards rely on.</summary>
/// <remarks>reference/metrics.md, "Conventions".</remarks>
public static class Buckets
{
    /// <summary>Upstream's duration buckets in seconds (<c>D1</c>).</summary>
    public static IReadOnlyList<double> Seconds { get; } = [0.001, 0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120];

    /// <summary>The same with minutes-long calls (<c>D2</c>).</summary>
    public static IReadOnlyList<double> LongSeconds { get; } = [.. Seconds, 240, 360, 720];

    /// <summary>Request and response sizes in bytes.</summary>
    public static IReadOnlyList<double> MessageBytes { get; } = Exponential(64, 2, 10);

    /// <param name="start">First bound.</param>
    /// <param name="factor">Ratio of neighbours.</param>
    /// <param name="count">Number of bounds.</param>
    public static IReadOnlyList<double> Exponential(double start, double factor, int count) =>
        Prometheus.Histogram.ExponentialBuckets(start, factor, count);
}
