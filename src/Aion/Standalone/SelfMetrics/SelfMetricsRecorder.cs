using System.Diagnostics;
using System.Text;
using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.Tsdb;
using Microsoft.Extensions.Logging;

namespace Aion.Standalone;

/// <summary>
/// Scrapes this process's own registries and keeps them in the data folder as blocks: one block a two-hour window, rewritten whole with each
/// scrape until the window closes. A crash costs at most the last scrape; a restart goes on with the window it finds.
/// </summary>
/// <remarks>A window is small (hundreds of series, 480 samples each), so rewriting it is cheaper than a write-ahead log.</remarks>
internal sealed class SelfMetricsRecorder
{
    /// <summary>In <c>thanos.source</c> of the blocks' meta.json; tells our open windows from everybody else's blocks.</summary>
    public const string Source = "standalone";

    private readonly string _directory;
    private readonly Labels _external;
    private KeyValuePair<string, string>[] _target = [];
    private readonly IReadOnlyList<MetricsRegistry> _registries;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<BlockId> _superseded = [];
    private OpenWindow? _window;
    private BlockId? _current;

    /// <param name="directory">The data folder, which holds the blocks.</param>
    /// <param name="external">External labels of the blocks.</param>
    public SelfMetricsRecorder(
        string directory, Labels external, IReadOnlyList<MetricsRegistry> registries, TimeProvider time, ILogger logger)
    {
        _directory = directory;
        _external = external;
        _registries = registries;
        _time = time;
        _logger = logger;
    }

    /// <summary>Blocks that a newer one replaces and that are removed with the next scrape, when no query reads them any more.</summary>
    public bool IsSuperseded(BlockId id)
    {
        lock (_superseded)
        {
            return _superseded.Contains(id);
        }
    }

    /// <summary>One scrape: when it returns, the samples are in a complete block.</summary>
    /// <param name="instance">Value of the label <c>instance</c>: where <c>/metrics</c> is served.</param>
    public async Task RecordAsync(string instance, CancellationToken cancellationToken)
    {
        _target = [new("instance", instance), new("job", "aion")];
        DateTimeOffset now = _time.GetUtcNow();
        long started = _time.GetTimestamp();
        List<(Labels Labels, double Value)> samples = [];
        foreach (MetricsRegistry registry in _registries) samples.AddRange(await ScrapeAsync(registry, cancellationToken));
        TimeSpan took = _time.GetElapsedTime(started);
        Append(now.ToUnixTimeMilliseconds(), samples, took);
        RemoveSuperseded();
        WriteWindow();
    }

    private async Task<List<(Labels Labels, double Value)>> ScrapeAsync(MetricsRegistry registry, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        await registry.Registry.CollectAndExportAsTextAsync(text, cancellationToken);
        return ExpositionParser.Parse(Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length), _target);
    }

    private void Append(long now, List<(Labels Labels, double Value)> samples, TimeSpan took)
    {
        if (_window is null) _window = Reopen(now);
        else if (now >= _window.EndMs) Close(now);
        // Registries of one process share the process metrics; the first of equal series is kept.
        foreach ((Labels labels, double value) in samples) _window!.Add(labels, now, value);
        Add("up", 1);
        Add("scrape_duration_seconds", took.TotalSeconds);
        Add("scrape_samples_scraped", samples.Count);

        void Add(string name, double value)
        {
            var builder = new LabelsBuilder();
            builder.Set(LabelNames.MetricName, name);
            foreach ((string label, string text) in _target) builder.Set(label, text);
            _window!.Add(builder.ToLabels(), now, value);
        }
    }

    /// <summary>The window's last block stays as it is; the next window gets blocks of its own.</summary>
    private void Close(long now)
    {
        _current = null;
        _window = new OpenWindow(OpenWindow.StartOf(now));
    }

    private OpenWindow Reopen(long now)
    {
        var window = new OpenWindow(OpenWindow.StartOf(now));
        foreach (string folder in Directory.GetDirectories(_directory))
        {
            if (!BlockId.TryParse(Path.GetFileName(folder), out BlockId id) || !IsOfWindow(folder, window)) continue;
            try
            {
                window.Load(folder);
                Supersede(id);
            }
            catch (TsdbCorruptionException e)
            {
                _logger.Warn("a block of our own metrics is damaged and stays as it is", [("block", id), ("err", e.Message)]);
            }
        }

        return window;
    }

    private bool IsOfWindow(string folder, OpenWindow window)
    {
        try
        {
            BlockMeta meta = BlockMetaFile.Read(folder);
            return meta.Thanos.Source == Source && meta.MinTimeMs >= window.StartMs && meta.MaxTimeMs <= window.EndMs;
        }
        catch (Exception e) when (e is BlockMetaException or IOException)
        {
            _logger.Debug("not a block of ours", [("folder", folder), ("err", e.Message)]);
            return false;
        }
    }

    private void WriteWindow()
    {
        Debug.Assert(_window is not null);
        BlockId id = BlockId.New(_time);
        _window.ToBlock().Write(Path.Combine(_directory, id.ToString()), (folder, stats) => BlockMetaFile.Write(folder, new BlockMeta
        {
            Id = id,
            MinTimeMs = stats.MinTimeMs,
            MaxTimeMs = stats.MaxTimeMs + 1,
            Stats = new Blocks.BlockStats
            {
                Samples = (ulong)stats.SampleCount,
                FloatSamples = (ulong)stats.FloatSampleCount,
                Series = (ulong)stats.SeriesCount,
                Chunks = (ulong)stats.ChunkCount,
            },
            Compaction = new BlockCompaction { Level = 1, Sources = [id] },
            Thanos = new ThanosMeta { Version = BlockMeta.Version1, Labels = _external, Source = Source },
        }));
        if (_current is { } replaced) Supersede(replaced);
        _current = id;
    }

    private void Supersede(BlockId id)
    {
        lock (_superseded)
        {
            _superseded.Add(id);
        }
    }

    private void RemoveSuperseded()
    {
        BlockId[] gone;
        lock (_superseded)
        {
            gone = [.. _superseded];
        }

        // Only once their successor is there: a window that was loaded but not yet written again is on disk here alone.
        if (_current is null) return;
        foreach (BlockId id in gone)
        {
            // meta.json first, so that a crash half-way leaves no block.
            string folder = Path.Combine(_directory, id.ToString());
            File.Delete(Path.Combine(folder, BlockLayout.MetaFile));
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            lock (_superseded)
            {
                _superseded.Remove(id);
            }
        }
    }
}
