using System.Globalization;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Tools;

/// <summary>What a rewrite does to each series.</summary>
/// <param name="Relabel">Applied first; a series that is dropped is deleted. Null = labels stay.</param>
/// <param name="Deletions">Applied to the labels as they are then.</param>
internal sealed record RewriteRules(RelabelRules? Relabel, IReadOnlyList<DeletionRequest> Deletions);

/// <summary>Writes a block anew with series deleted, cut and relabelled; series that get the same labels become one.</summary>
/// <param name="changes">Told of every change.</param>
/// <param name="progress">Told how much of the series is done.</param>
internal sealed class BlockRewriter(BlockReader source, RewriteRules rules, ChangeLog changes, Action<string> progress)
{
    private const double ProgressStep = 10;

    private readonly SeriesEntry _entry = new();
    private readonly LabelsBuilder _scratch = new();
    private int _series;
    private int _done;
    private double _told;

    /// <summary>Goes through all series and writes what is left of them.</summary>
    /// <param name="directory">The new block's folder, which must not exist; null = nothing is written.</param>
    /// <returns>Null where nothing was written.</returns>
    /// <exception cref="TsdbCorruptionException">The source is damaged.</exception>
    public Tsdb.BlockStats? Run(string? directory, CancellationToken cancellationToken)
    {
        using IDisposable lease = source.Lease();
        uint[] ids = source.Index.Select([]);
        _series = ids.Length;
        List<(Labels Labels, List<uint> Members)>? relabelled = rules.Relabel is null ? null : Relabelled(ids);
        IEnumerable<(Labels Labels, List<uint> Members)> groups = relabelled ?? ids.Select(id => (LabelsOf(id), new List<uint> { id }));
        if (directory is null)
        {
            foreach (var (labels, members) in groups) Edit(labels, members, cancellationToken);
            return null;
        }

        using BlockWriter writer = new(directory);
        WriteSymbols(writer, groups.Select(g => g.Labels));
        foreach (var (labels, members) in groups)
            if (Edit(labels, members, cancellationToken) is { Count: > 0 } chunks) writer.AddSeries(labels, chunks);
        return writer.Complete();
    }

    private List<SeriesChunk> Edit(Labels labels, List<uint> members, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        List<EditedChunk> chunks = [];
        long min = long.MaxValue, max = long.MinValue;
        TimeRange[] asked = Asked(labels);
        foreach (uint id in members)
        {
            source.Index.ReadSeries(id, _entry, long.MinValue, long.MaxValue);
            // What was deleted before is gone for good now.
            TimeRange[] deleted = source.Tombstones.Of(id) is { IsEmpty: false } before ? TimeRanges.Joined([.. asked, .. before]) : asked;
            foreach (ChunkMeta meta in _entry.Chunks)
            {
                min = Math.Min(min, meta.MinTimeMs);
                max = Math.Max(max, meta.MaxTimeMs);
                chunks.Add(new EditedChunk(meta, source.ReadChunk(meta), deleted));
            }
        }

        if (TimeRanges.Touch(asked, min, max))
            changes.Deleted(labels, asked.Where(r => r.MinMs <= max && min <= r.MaxMs).Select(r => new TimeRange(Math.Max(r.MinMs, min), Math.Min(r.MaxMs, max))));
        List<SeriesChunk> result = ChunkEditor.Edit(chunks);
        Count();
        return result;
    }

    private TimeRange[] Asked(Labels labels)
    {
        if (rules.Deletions.Count == 0) return [];
        return TimeRanges.Joined(rules.Deletions.Where(d => d.Selects(labels)).SelectMany(d => d.Intervals.Count > 0 ? d.Intervals : [TimeRange.All]));
    }

    /// <summary>The new label sets in order, each with the series that get it, in the source's order.</summary>
    private List<(Labels Labels, List<uint> Members)> Relabelled(uint[] ids)
    {
        SortedDictionary<Labels, List<uint>> groups = [];
        foreach (uint id in ids)
        {
            Labels before = LabelsOf(id);
            Labels? after = rules.Relabel!.Apply(before);
            if (after is null || after.IsEmpty)
            {
                changes.Deleted(before, [RangeOf(id)]);
                Count();
                continue;
            }

            if (after != before) changes.Relabelled(before, after);
            if (!groups.TryGetValue(after, out List<uint>? members)) groups.Add(after, members = []);
            members.Add(id);
        }

        return [.. groups.Select(g => (g.Key, g.Value))];
    }

    private TimeRange RangeOf(uint id)
    {
        source.Index.ReadSeries(id, _entry, long.MinValue, long.MaxValue);
        return _entry.Chunks.Count == 0 ? default : new TimeRange(_entry.Chunks.Min(c => c.MinTimeMs), _entry.Chunks.Max(c => c.MaxTimeMs));
    }

    private Labels LabelsOf(uint id)
    {
        source.Index.ReadSeries(id, _entry, long.MinValue, long.MaxValue, withChunks: false);
        return source.Index.LabelsOf(_entry, _scratch);
    }

    private static void WriteSymbols(BlockWriter writer, IEnumerable<Labels> all)
    {
        // The empty string is a symbol in every index that Prometheus writes.
        HashSet<byte[]> symbols = new(SymbolComparer.Instance) { Array.Empty<byte>() };
        HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> lookup = symbols.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (Labels labels in all)
        {
            foreach (LabelPair label in labels)
            {
                lookup.Add(label.Name);
                lookup.Add(label.Value);
            }
        }

        byte[][] sorted = [.. symbols];
        Array.Sort(sorted, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        foreach (byte[] symbol in sorted) writer.AddSymbol(symbol);
    }

    private void Count()
    {
        double percent = ++_done * 100.0 / _series;
        if (percent - _told < ProgressStep && _done < _series) return;
        _told = percent;
        progress(string.Create(CultureInfo.InvariantCulture, $"processed {percent:F2}% of {_series} series"));
    }
}

/// <summary>Symbols by their bytes, looked up without a copy.</summary>
internal sealed class SymbolComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static SymbolComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        HashCode hash = default;
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
