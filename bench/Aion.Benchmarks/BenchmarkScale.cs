namespace Aion.Benchmarks;

/// <summary>
/// How large the larger benchmarks are. The allocation gate of CI, which counts bytes and not time, makes do with fewer series, and with
/// one worker, since how many workers find something to do is chance.
/// </summary>
public static class BenchmarkScale
{
    public static int Series { get; set; } = 1000;

    public static int Workers { get; set; } = Environment.ProcessorCount;
}
