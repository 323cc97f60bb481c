using System.Globalization;
using Prometheus;

namespace Aion.Hosting;

/// <summary>
/// The managed heap and the thread pool. Figures that mean the same as Go's have Go's names, so that stock dashboards show them; what has no
/// counterpart (goroutines, pause quantiles) is left out there and has names of its own here.
/// </summary>
internal static class RuntimeMetrics
{
    public static void Register(MetricsRegistry metrics)
    {
        MetricFactory factory = metrics.Factory;
        Gauge allocated = factory.CreateGauge("go_memstats_alloc_bytes", "Number of bytes allocated in heap and currently in use.");
        Gauge heapAllocated = factory.CreateGauge("go_memstats_heap_alloc_bytes", "Number of heap bytes allocated and currently in use.");
        Gauge heapInUse = factory.CreateGauge("go_memstats_heap_inuse_bytes", "Number of heap bytes that are in use, fragmentation included.");
        Counter allocatedTotal = factory.CreateCounter("go_memstats_alloc_bytes_total",
            "Total number of bytes allocated in heap until now, even if released already.");
        Counter pauses = factory.CreateCounter("aion_gc_pause_seconds_total", "Time all threads stood still for garbage collections.");
        Counter collections = factory.CreateCounter("aion_gc_collections_total", "Garbage collections that included the generation.", "generation");
        Gauge threads = factory.CreateGauge("aion_threadpool_threads", "Threads of the pool.");
        Gauge queued = factory.CreateGauge("aion_threadpool_queue_length", "Work items that wait for a thread of the pool.");

        metrics.Registry.AddBeforeCollectCallback(() =>
        {
            long inUse = GC.GetTotalMemory(forceFullCollection: false);
            allocated.Set(inUse);
            heapAllocated.Set(inUse);
            heapInUse.Set(GC.GetGCMemoryInfo().HeapSizeBytes);
            allocatedTotal.IncTo(GC.GetTotalAllocatedBytes());
            pauses.IncTo(GC.GetTotalPauseDuration().TotalSeconds);
            threads.Set(ThreadPool.ThreadCount);
            queued.Set(ThreadPool.PendingWorkItemCount);
            for (int generation = 0; generation <= GC.MaxGeneration; generation++)
                collections.WithLabels(generation.ToString(CultureInfo.InvariantCulture)).IncTo(GC.CollectionCount(generation));
        });
    }
}
