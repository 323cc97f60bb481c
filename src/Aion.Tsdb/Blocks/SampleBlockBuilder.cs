using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>Collects whole series in memory, in any order, and writes them as one block. Not thread-safe.</summary>
public sealed class SampleBlockBuilder
{
    private readonly SortedDictionary<Labels, List<SeriesChunk>> _series = [];

    /// <summary>
    /// Adds a series; its samples are encoded at once, the buffer is free afterwards. A series without samples is left out.
    /// </summary>
    /// <exception cref="ArgumentException">The series was added before, or its times do not ascend.</exception>
    public void Add(Labels labels, SampleBuffer samples)
    {
        if (samples.Count == 0) return;
        if (!_series.TryAdd(labels, ChunkCutter.Cut(samples)))
            throw new ArgumentException($"series {labels} was added before", nameof(labels));
    }

    /// <summary>Writes everything into a new block directory; see <see cref="BlockWriter"/>.</summary>
    /// <param name="beforeComplete">Is given the temporary directory and the stats, to write meta.json there.</param>
    public BlockStats Write(string directory, Action<string, BlockStats>? beforeComplete = null)
    {
        using var writer = new BlockWriter(directory);
        WriteSymbols(writer);
        foreach (var (labels, chunks) in _series) writer.AddSeries(labels, chunks);
        beforeComplete?.Invoke(writer.TempDirectory, writer.Stats);
        return writer.Complete();
    }

    private void WriteSymbols(BlockWriter writer)
    {
        // The empty string is a symbol in every index that Prometheus writes.
        var symbols = new HashSet<byte[]>(Utf8Comparer.Instance) { Array.Empty<byte>() };
        foreach (Labels labels in _series.Keys)
        {
            foreach (var label in labels)
            {
                symbols.Add(label.Name.ToArray());
                symbols.Add(label.Value.ToArray());
            }
        }

        byte[][] sorted = [.. symbols];
        Array.Sort(sorted, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        foreach (byte[] symbol in sorted) writer.AddSymbol(symbol);
    }
}
