using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Standalone;

/// <summary>The samples of one two-hour window, in memory, until the window closes. Not thread-safe.</summary>
internal sealed class OpenWindow(long startMs)
{
    /// <summary>The range of a block that Prometheus cuts, and its alignment.</summary>
    public const long LengthMs = 2 * 60 * 60 * 1000;

    private readonly Dictionary<Labels, SampleBuffer> _series = [];

    public long StartMs { get; } = startMs;

    /// <summary>Exclusive.</summary>
    public long EndMs => StartMs + LengthMs;

    public int SeriesCount => _series.Count;

    public static long StartOf(long timestampMs) => timestampMs - (timestampMs % LengthMs);

    /// <summary>Adds a sample; one that is not behind the series' last one is left out, since a block holds a time once.</summary>
    public void Add(Labels labels, long timestampMs, double value)
    {
        if (!_series.TryGetValue(labels, out SampleBuffer? samples)) _series.Add(labels, samples = new SampleBuffer());
        if (samples.Count == 0 || samples.Times[^1] < timestampMs) samples.Add(timestampMs, value);
    }

    /// <summary>Takes the samples of a block of this window, as after a restart.</summary>
    /// <exception cref="TsdbCorruptionException">The block is damaged.</exception>
    public void Load(string blockDirectory)
    {
        using BlockReader reader = BlockReader.Open(blockDirectory);
        var buffer = new SampleBuffer();
        foreach (BlockSeries series in reader.Select([], StartMs, EndMs - 1))
        {
            buffer.Clear();
            reader.ReadSamples(series, buffer, StartMs, EndMs - 1);
            for (var i = 0; i < buffer.Count; i++) Add(series.Labels, buffer.Times[i], buffer.Values[i]);
        }
    }

    public SampleBlockBuilder ToBlock()
    {
        var builder = new SampleBlockBuilder();
        foreach ((Labels labels, SampleBuffer samples) in _series) builder.Add(labels, samples);
        return builder;
    }
}
