using System.Collections.Concurrent;
using System.Text;
using Aion.Hosting;
using Microsoft.Extensions.Logging;

namespace Aion.Caching.Tests;

/// <summary>A cache over real servers, with what it logged and counted.</summary>
internal sealed class RunningCache : ILogger, IAsyncDisposable
{
    private readonly MetricsRegistry _metrics = new(TimeProvider.System);
    private readonly string _kind;

    public RunningCache(string kind, string settings, IDnsLookup? dns = null)
    {
        _kind = kind == "MEMCACHED" ? "thanos_memcached" : "aion_redis";
        var context = new CacheContext("test", _metrics, TimeProvider.System, this, () => 0) { CountsKeys = true };
        if (dns is not null) context = context with { Dns = dns };
        Cache = Caches.Create(CacheConfigTests.Read(kind, settings)!, context);
    }

    public ICache Cache { get; }

    public ConcurrentQueue<(LogLevel Level, string Text)> Log { get; } = new();

    /// <summary>Warnings that a server is bypassed.</summary>
    public int Bypasses => Log.Count(l => l.Level == LogLevel.Warning && l.Text.Contains("bypassed", StringComparison.Ordinal));

    public async Task<string?> GetAsync(string key) => (await Cache.GetAsync([key], CancellationToken.None))[0] is { } value ? Encoding.UTF8.GetString(value) : null;

    public void Set(string key, string value) => Cache.Set(key, Encoding.UTF8.GetBytes(value), TimeSpan.FromMinutes(10));

    /// <summary>Stores a value and waits until it is found.</summary>
    public async Task PutAsync(string key, string value)
    {
        await Until.TrueAsync(async () =>
        {
            Set(key, value);
            return await GetAsync(key) == value;
        }, $"{key} is stored; {string.Join('\n', Log)}");
    }

    /// <summary>Sums a metric over its labels that contain all of the texts.</summary>
    public async Task<double> CountAsync(string metric, params string[] labels)
    {
        using var text = new MemoryStream();
        await _metrics.Registry.CollectAndExportAsTextAsync(text);
        return Encoding.UTF8.GetString(text.ToArray()).Split('\n')
            .Where(l => l.StartsWith(metric + "{", StringComparison.Ordinal) && labels.All(l.Contains))
            .Sum(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    public Task<double> FailuresAsync(params string[] labels) => CountAsync(_kind + "_operation_failures_total", labels);

    public Task<double> SkippedAsync(params string[] labels) => CountAsync(_kind + "_operation_skipped_total", labels);

    public ValueTask DisposeAsync() => Cache.DisposeAsync();

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Log.Enqueue((logLevel, formatter(state, exception)));
}

/// <summary>Waits for a condition that nothing can call us back for.</summary>
internal static class Until
{
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            try
            {
                await tick.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"not within a minute: {what}");
            }
        }
    }
}
