using System.Globalization;
using System.Text.Json;
using Aion.Blocks;
using Aion.Rules;

namespace Aion.Tools;

/// <summary>A block's meta as templates see it: the field names of Thanos's and Prometheus's own types, which scripts use.</summary>
internal static class MetaTemplateValue
{
    public static TemplateStruct Of(BlockMeta meta) => new("metadata.Meta", [new("Thanos", Thanos(meta.Thanos))])
    {
        Embedded =
        [
            Record(
                "tsdb.BlockMeta", ("ULID", meta.Id.ToString()), ("MinTime", meta.MinTimeMs), ("MaxTime", meta.MaxTimeMs),
                ("Stats", Stats(meta.Stats)), ("Compaction", Compaction(meta.Compaction)), ("Version", (long)BlockMeta.Version1)),
        ],
    };

    private static TemplateStruct Stats(BlockStats stats) => Record(
        "tsdb.BlockStats", ("NumSamples", (long)stats.Samples), ("NumFloatSamples", (long)stats.FloatSamples),
        ("NumHistogramSamples", (long)stats.HistogramSamples), ("NumSeries", (long)stats.Series), ("NumChunks", (long)stats.Chunks),
        ("NumTombstones", (long)stats.Tombstones));

    private static TemplateStruct Compaction(BlockCompaction compaction) => Record(
        "tsdb.BlockMetaCompaction", ("Level", (long)compaction.Level), ("Sources", List(compaction.Sources.Select(s => s.ToString()))),
        ("Deletable", compaction.Deletable),
        ("Parents", List(compaction.Parents.Select(p => Record("tsdb.BlockDesc", ("ULID", p.Id.ToString()), ("MinTime", p.MinTimeMs), ("MaxTime", p.MaxTimeMs))))),
        ("Failed", compaction.Failed), ("Hints", List(compaction.Hints)));

    private static TemplateStruct Thanos(ThanosMeta thanos) => Record(
        "metadata.Thanos", ("Version", (long)thanos.Version),
        ("Labels", thanos.Labels.Pairs().ToDictionary(p => p.Key, p => (object?)p.Value)),
        ("Downsample", Record("metadata.ThanosDownsample", ("Resolution", thanos.ResolutionMs))), ("Source", thanos.Source),
        ("SegmentFiles", List(thanos.SegmentFiles)), ("Files", List(thanos.Files.Select(File))), ("Rewrites", Json(thanos.Rewrites)),
        ("IndexStats", Record("metadata.IndexStats", ("SeriesMaxSize", thanos.IndexStats.SeriesMaxSizeBytes), ("ChunkMaxSize", thanos.IndexStats.ChunkMaxSizeBytes))),
        ("Extensions", Json(thanos.Extensions)), ("UploadTime", Time(thanos.UploadTime)));

    private static TemplateStruct File(BlockFile file) => Record(
        "metadata.File", ("RelPath", file.RelativePath), ("SizeBytes", file.SizeBytes),
        ("Hash", file.Hash is { } hash ? Record("metadata.ObjectHash", ("Func", hash.Function), ("Value", hash.Value)) : null));

    private static TemplateStruct Time(DateTimeOffset? time) => new("time.Time", [])
    {
        Text = (time ?? DateTimeOffset.MinValue).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF '+0000 UTC'", CultureInfo.InvariantCulture),
    };

    private static object? Json(JsonElement? json) => json switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } element => element.EnumerateObject().ToDictionary(p => p.Name, p => Json(p.Value)),
        { ValueKind: JsonValueKind.Array } element => List(element.EnumerateArray().Select(e => Json(e))),
        { ValueKind: JsonValueKind.String } element => element.GetString(),
        { ValueKind: JsonValueKind.Number } element => element.TryGetInt64(out long whole) ? whole : element.GetDouble(),
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => null,
    };

    private static List<object?> List(IEnumerable<object?> items) => [.. items];

    private static TemplateStruct Record(string type, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        List<KeyValuePair<string, object?>> pairs = [];
        foreach (var (name, value) in fields) pairs.Add(new(name, value));
        return new TemplateStruct(type, pairs);
    }
}
