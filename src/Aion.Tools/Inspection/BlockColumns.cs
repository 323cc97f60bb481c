using System.Globalization;
using Aion.Blocks;

namespace Aion.Tools;

/// <summary>A column of the block table.</summary>
/// <param name="Text">The cell.</param>
/// <param name="Compare">Order of two blocks by what the cell says, not by its text.</param>
internal sealed record BlockColumn(string Name, Func<BlockMeta, string> Text, Comparison<BlockMeta> Compare);

/// <summary>The columns of <c>tools bucket inspect</c>.</summary>
internal static class BlockColumns
{
    private const string None = "-";
    private static readonly long FirstDownsamplingMs = (long)TimeSpan.FromHours(40).TotalMilliseconds;
    private static readonly long SecondDownsamplingMs = (long)TimeSpan.FromDays(10).TotalMilliseconds;

    public static IReadOnlyList<BlockColumn> All { get; } =
    [
        By("ULID", m => m.Id.ToString(), m => m.Id),
        By("FROM", m => BlockText.Time(m.MinTimeMs), m => m.MinTimeMs),
        By("UNTIL", m => BlockText.Time(m.MaxTimeMs), m => m.MaxTimeMs),
        By("RANGE", BlockText.Range, m => m.MaxTimeMs - m.MinTimeMs),
        // Blocks that are never downsampled come first, as their dash does among texts.
        By("UNTIL-DOWN", m => UntilDownsampling(m) is { } ms ? BlockText.Duration(ms) : None, m => UntilDownsampling(m) ?? long.MinValue),
        By("#SERIES", m => BlockText.Count(m.Stats.Series), m => m.Stats.Series),
        By("#SAMPLES", m => BlockText.Count(m.Stats.Samples), m => m.Stats.Samples),
        By("#CHUNKS", m => BlockText.Count(m.Stats.Chunks), m => m.Stats.Chunks),
        By("COMP-LEVEL", m => m.Compaction.Level.ToString(CultureInfo.InvariantCulture), m => m.Compaction.Level),
        By("COMP-FAILED", m => m.Compaction.Failed ? "true" : "false", m => m.Compaction.Failed),
        new("LABELS", m => BlockText.Labels(m.Thanos.Labels), static (a, b) => string.CompareOrdinal(BlockText.Labels(a.Thanos.Labels), BlockText.Labels(b.Thanos.Labels))),
        By("RESOLUTION", m => BlockText.Duration(m.Thanos.ResolutionMs), m => m.Thanos.ResolutionMs),
        new("SOURCE", m => m.Thanos.Source, static (a, b) => string.CompareOrdinal(a.Thanos.Source, b.Thanos.Source)),
    ];

    public static string[] Cells(BlockMeta meta) => [.. All.Select(column => column.Text(meta))];

    /// <summary>By these columns in turn, and by name where all are equal, so that the order is always the same.</summary>
    public static Comparison<BlockMeta> Order(IReadOnlyList<string> columns)
    {
        BlockColumn[] keys = [.. columns.Select(name => All.Single(column => column.Name == name))];
        return (a, b) =>
        {
            foreach (BlockColumn key in keys)
                if (key.Compare(a, b) is var order and not 0) return order;
            return a.Id.CompareTo(b.Id);
        };
    }

    /// <summary>How much longer the block would have to be for the next downsampling, negative when it is due; null when there is none.</summary>
    private static long? UntilDownsampling(BlockMeta meta) => meta.Thanos.ResolutionMs switch
    {
        BlockResolution.Raw => FirstDownsamplingMs - (meta.MaxTimeMs - meta.MinTimeMs),
        BlockResolution.FiveMinutes => SecondDownsamplingMs - (meta.MaxTimeMs - meta.MinTimeMs),
        _ => null,
    };

    private static BlockColumn By<T>(string name, Func<BlockMeta, string> text, Func<BlockMeta, T> key) =>
        new(name, text, (a, b) => Comparer<T>.Default.Compare(key(a), key(b)));
}
