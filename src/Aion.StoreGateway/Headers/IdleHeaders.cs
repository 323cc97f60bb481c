namespace Aion.StoreGateway;

/// <summary>Lets go of index-headers that no query reads any more.</summary>
internal static class IdleHeaders
{
    /// <summary>Looks ten times as often as headers time out, until cancelled.</summary>
    public static async Task RunAsync(Func<IEnumerable<BucketBlock>> blocks, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromTicks(Math.Max(timeout.Ticks / 10, TimeSpan.TicksPerMillisecond)), time);
        while (await timer.WaitForNextTickAsync(cancellationToken)) Unload(blocks(), timeout, time);
    }

    /// <returns>How many were let go.</returns>
    public static int Unload(IEnumerable<BucketBlock> blocks, TimeSpan timeout, TimeProvider time)
    {
        long idleSince = time.GetTimestamp() - (long)(timeout.TotalSeconds * time.TimestampFrequency);
        return blocks.Count(block => block.Header.TryUnload(idleSince));
    }
}
