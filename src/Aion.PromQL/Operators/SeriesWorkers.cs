using Aion.Storage;

namespace Aion.PromQL;

/// <summary>Turns one series into a row, or null if it has no sample at any step. Used by several threads at once.</summary>
internal interface ISeriesEvaluator
{
    Row? Evaluate(SampleSeries series, SampleBuffer buffer);
}

/// <summary>Decodes and evaluates series on several workers; rows come back in the order of the series.</summary>
internal static class SeriesWorkers
{
    private const int LeastPerWorker = 4;

    public static async ValueTask<List<Row>> RunAsync(
        QueryContext context, IReadOnlyList<SampleSeries> series, int from, int count, ISeriesEvaluator evaluator)
    {
        var rows = new Row?[count];
        int workers = Math.Min(context.Options.Parallelism, (count + LeastPerWorker - 1) / LeastPerWorker);
        if (workers <= 1)
        {
            Work(context, series, from, rows, new Cursor(), evaluator);
        }
        else
        {
            var cursor = new Cursor();
            var tasks = new Task[workers - 1];
            for (var i = 0; i < tasks.Length; i++)
                tasks[i] = Task.Run(() => Work(context, series, from, rows, cursor, evaluator), CancellationToken.None);
            try
            {
                Work(context, series, from, rows, cursor, evaluator);
            }
            catch
            {
                cursor.Stop();
                await Task.WhenAll(tasks).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                throw;
            }

            await Task.WhenAll(tasks);
        }

        var found = new List<Row>(count);
        foreach (Row? row in rows)
            if (row is not null) found.Add(row);
        return found;
    }

    private static void Work(
        QueryContext context, IReadOnlyList<SampleSeries> series, int from, Row?[] rows, Cursor cursor, ISeriesEvaluator evaluator)
    {
        SampleBuffer buffer = context.RentBuffer();
        long charged = buffer.CapacityBytes;
        try
        {
            while (cursor.TryTake(rows.Length, out int index))
            {
                context.Poll();
                buffer.Clear();
                rows[index] = evaluator.Evaluate(series[from + index], buffer);
                if (buffer.CapacityBytes <= charged) continue;
                context.Options.Budget?.Charge(buffer.CapacityBytes - charged, "decoded samples");
                charged = buffer.CapacityBytes;
            }
        }
        catch
        {
            cursor.Stop();
            throw;
        }
        finally
        {
            context.ReturnBuffer(buffer);
        }
    }

    private sealed class Cursor
    {
        private int _next = -1;
        private volatile bool _stopped;

        public bool TryTake(int count, out int index)
        {
            index = Interlocked.Increment(ref _next);
            return index < count && !_stopped;
        }

        public void Stop() => _stopped = true;
    }
}
