using Aion.Blocks;
using Aion.Hosting;

namespace Aion.Sidecar;

/// <summary>Ships new blocks every half minute, once the external labels are known.</summary>
public sealed class ShipperLoop(Shipper shipper, ShipperOptions options, Task labelsKnown, TimeSpan readyTimeout, ComponentContext context)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <exception cref="ComponentException">Prometheus did not come in time, or its data directory is not there.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(options.DataDirectory))
            throw new ComponentException($"opening tsdb directory: {options.DataDirectory} is no directory (--tsdb.path must be Prometheus's --storage.tsdb.path)");
        try
        {
            await labelsKnown.WaitAsync(readyTimeout, context.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new ComponentException(
                $"aborting as no external labels found after waiting {readyTimeout.TotalSeconds:0.###} s (--prometheus.ready_timeout): is Prometheus running?");
        }

        while (true)
        {
            try
            {
                await shipper.SyncAsync(cancellationToken);
            }
            catch (ShipperException e)
            {
                context.Logger.Warn("shipping blocks failed; it is tried again", [("err", e.Message), ("in", Interval)]);
            }

            await Task.Delay(Interval, context.Time, cancellationToken);
        }
    }
}
