using System.Globalization;
using Aion.Model;
using Aion.Protocol.Wire.MetadataApi;
using Aion.Protocol.Wire.RulesApi;
using Aion.Protocol.Wire.StatusApi;
using Aion.Protocol.Wire.TargetsApi;
using Google.Protobuf.WellKnownTypes;
using Strategy = Aion.Protocol.Wire.PartialResponseStrategy;

namespace Aion.Query;

/// <summary>Writes the answers of the APIs beside the store, field by field as Thanos does.</summary>
/// <remarks>Source: reference/http-api.md H-4.3; golden/wire/http-query.jsonl.</remarks>
internal static class FleetJson
{
    public static void Groups(JsonBuffer json, IReadOnlyList<MergedGroup> groups)
    {
        json.Raw("{\"groups\":"u8);
        List(json, groups, Group);
        json.Raw((byte)'}');
    }

    public static void Alerts(JsonBuffer json, IReadOnlyList<MergedGroup> groups)
    {
        AlertInstance[] alerts = [.. groups.SelectMany(g => g.Rules).Where(r => r.IsAlert).SelectMany(r => r.Rule.Alert.Alerts)];
        json.Raw("{\"alerts\":"u8);
        if (alerts.Length == 0) json.Raw("null"u8);
        else List(json, alerts, Instance);
        json.Raw((byte)'}');
    }

    public static void Targets(JsonBuffer json, IReadOnlyList<MergedTarget> active, IReadOnlyList<Labels> dropped)
    {
        json.Raw("{\"activeTargets\":"u8);
        List(json, active, Target);
        json.Raw(",\"droppedTargets\":"u8);
        List(json, dropped, static (j, labels) =>
        {
            j.Raw("{\"discoveredLabels\":"u8);
            LabelsJson.Write(j, labels);
            j.Raw((byte)'}');
        });
        json.Raw((byte)'}');
    }

    public static void Metadata(JsonBuffer json, IReadOnlyList<KeyValuePair<string, IReadOnlyList<Meta>>> metrics)
    {
        json.Raw((byte)'{');
        for (var i = 0; i < metrics.Count; i++)
        {
            if (i > 0) json.Raw((byte)',');
            json.Quoted(metrics[i].Key);
            json.Raw((byte)':');
            List(json, metrics[i].Value, static (j, meta) =>
            {
                Text(j, "{\"type\":"u8, meta.Type);
                Text(j, ",\"help\":"u8, meta.Help);
                Text(j, ",\"unit\":"u8, meta.Unit);
                j.Raw((byte)'}');
            });
        }

        json.Raw((byte)'}');
    }

    public static void Exemplars(JsonBuffer json, IReadOnlyList<KeyValuePair<Labels, IReadOnlyList<MergedExemplar>>> series) =>
        List(json, series, static (j, one) =>
        {
            j.Raw("{\"seriesLabels\":"u8);
            LabelsJson.Write(j, one.Key);
            j.Raw(",\"exemplars\":"u8);
            List(j, one.Value, static (each, exemplar) =>
            {
                each.Raw("{\"labels\":"u8);
                LabelsJson.Write(each, exemplar.Labels);
                Number(each, ",\"timestamp\":"u8, exemplar.TimeMs / 1000.0);
                each.Raw(",\"value\":"u8);
                each.Sample(exemplar.Value);
                each.Raw((byte)'}');
            });
            j.Raw((byte)'}');
        });

    public static void Statistics(JsonBuffer json, TSDBStatisticsEntry entry)
    {
        HeadStatistics head = entry.HeadStatistics;
        json.Raw("{\"headStats\":{\"numSeries\":"u8);
        json.Raw(System.Text.Encoding.ASCII.GetBytes(head.NumSeries.ToString(CultureInfo.InvariantCulture)));
        Whole(json, ",\"numLabelPairs\":"u8, head.NumLabelPairs);
        Whole(json, ",\"chunkCount\":"u8, head.ChunkCount);
        Whole(json, ",\"minTime\":"u8, head.MinTime);
        Whole(json, ",\"maxTime\":"u8, head.MaxTime);
        json.Raw("},\"seriesCountByMetricName\":"u8);
        List(json, entry.SeriesCountByMetricName, Statistic);
        json.Raw(",\"labelValueCountByLabelName\":"u8);
        List(json, entry.LabelValueCountByLabelName, Statistic);
        json.Raw(",\"memoryInBytesByLabelName\":"u8);
        List(json, entry.MemoryInBytesByLabelName, Statistic);
        json.Raw(",\"seriesCountByLabelValuePair\":"u8);
        List(json, entry.SeriesCountByLabelValuePair, Statistic);
        json.Raw((byte)'}');
    }

    private static void Statistic(JsonBuffer json, Statistic statistic)
    {
        Text(json, "{\"name\":"u8, statistic.Name);
        json.Raw(",\"value\":"u8);
        json.Raw(System.Text.Encoding.ASCII.GetBytes(statistic.Value.ToString(CultureInfo.InvariantCulture)));
        json.Raw((byte)'}');
    }

    private static void Group(JsonBuffer json, MergedGroup merged)
    {
        RuleGroup group = merged.Group;
        Text(json, "{\"name\":"u8, group.Name);
        Text(json, ",\"file\":"u8, group.File);
        json.Raw(",\"rules\":"u8);
        List(json, merged.Rules, static (j, rule) =>
        {
            if (rule.IsAlert) AlertingRule(j, rule.Rule.Alert, rule.Labels);
            else RecordingRule(j, rule.Rule.Recording, rule.Labels);
        });
        Number(json, ",\"interval\":"u8, group.Interval);
        Number(json, ",\"evaluationTime\":"u8, group.EvaluationDurationSeconds);
        Time(json, ",\"lastEvaluation\":"u8, group.LastEvaluation);
        Whole(json, ",\"limit\":"u8, group.Limit);
        Text(json, ",\"partialResponseStrategy\":"u8, NameOf(group.PartialResponseStrategy));
        json.Raw((byte)'}');
    }

    private static void AlertingRule(JsonBuffer json, Alert alert, Labels labels)
    {
        Text(json, "{\"state\":"u8, NameOf(alert.State));
        Text(json, ",\"name\":"u8, alert.Name);
        Text(json, ",\"query\":"u8, alert.Query);
        Number(json, ",\"duration\":"u8, alert.DurationSeconds);
        json.Raw(",\"labels\":"u8);
        LabelsJson.Write(json, labels);
        json.Raw(",\"annotations\":"u8);
        LabelsJson.Write(json, WireLabels.Of(alert.Annotations, []));
        json.Raw(",\"alerts\":"u8);
        List(json, alert.Alerts, Instance);
        Outcome(json, alert.Health, alert.LastError, alert.EvaluationDurationSeconds, alert.LastEvaluation);
        Number(json, ",\"keepFiringFor\":"u8, alert.KeepFiringForSeconds);
        json.Raw(",\"type\":\"alerting\"}"u8);
    }

    private static void RecordingRule(JsonBuffer json, RecordingRule rule, Labels labels)
    {
        Text(json, "{\"name\":"u8, rule.Name);
        Text(json, ",\"query\":"u8, rule.Query);
        json.Raw(",\"labels\":"u8);
        LabelsJson.Write(json, labels);
        Outcome(json, rule.Health, rule.LastError, rule.EvaluationDurationSeconds, rule.LastEvaluation);
        json.Raw(",\"type\":\"recording\"}"u8);
    }

    private static void Outcome(JsonBuffer json, string health, string lastError, double duration, Timestamp? evaluated)
    {
        Text(json, ",\"health\":"u8, health);
        if (lastError.Length > 0) Text(json, ",\"lastError\":"u8, lastError);
        Number(json, ",\"evaluationTime\":"u8, duration);
        Time(json, ",\"lastEvaluation\":"u8, evaluated);
    }

    private static void Instance(JsonBuffer json, AlertInstance alert)
    {
        json.Raw("{\"labels\":"u8);
        LabelsJson.Write(json, WireLabels.Of(alert.Labels, []));
        json.Raw(",\"annotations\":"u8);
        LabelsJson.Write(json, WireLabels.Of(alert.Annotations, []));
        Text(json, ",\"state\":"u8, NameOf(alert.State));
        if (alert.ActiveAt is not null) Time(json, ",\"activeAt\":"u8, alert.ActiveAt);
        Text(json, ",\"value\":"u8, alert.Value);
        Text(json, ",\"partialResponseStrategy\":"u8, NameOf(alert.PartialResponseStrategy));
        json.Raw((byte)'}');
    }

    private static void Target(JsonBuffer json, MergedTarget merged)
    {
        ActiveTarget target = merged.Target;
        json.Raw("{\"discoveredLabels\":"u8);
        LabelsJson.Write(json, merged.Discovered);
        json.Raw(",\"labels\":"u8);
        LabelsJson.Write(json, merged.Labels);
        Text(json, ",\"scrapePool\":"u8, target.ScrapePool);
        Text(json, ",\"scrapeUrl\":"u8, target.ScrapeUrl);
        Text(json, ",\"globalUrl\":"u8, target.GlobalUrl);
        Text(json, ",\"lastError\":"u8, target.LastError);
        Time(json, ",\"lastScrape\":"u8, target.LastScrape);
        Number(json, ",\"lastScrapeDuration\":"u8, target.LastScrapeDuration);
        Text(json, ",\"health\":"u8, target.Health switch { TargetHealth.Down => "down", TargetHealth.Up => "up", _ => "unknown" });
        json.Raw((byte)'}');
    }

    private static string NameOf(AlertState state) => state switch
    {
        AlertState.Inactive => "inactive",
        AlertState.Pending => "pending",
        AlertState.Firing => "firing",
        _ => "unknown",
    };

    private static string NameOf(Strategy strategy) => strategy == Strategy.Abort ? "ABORT" : "WARN";

    private static void List<T>(JsonBuffer json, IReadOnlyList<T> items, Action<JsonBuffer, T> write)
    {
        json.Raw((byte)'[');
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) json.Raw((byte)',');
            write(json, items[i]);
        }

        json.Raw((byte)']');
    }

    private static void Text(JsonBuffer json, ReadOnlySpan<byte> name, string value)
    {
        json.Raw(name);
        json.Quoted(value);
    }

    private static void Number(JsonBuffer json, ReadOnlySpan<byte> name, double value)
    {
        json.Raw(name);
        // The bytes are a peer's, and JSON has no word for what is no number.
        json.Number(double.IsFinite(value) ? value : 0);
    }

    private static void Whole(JsonBuffer json, ReadOnlySpan<byte> name, long value)
    {
        json.Raw(name);
        json.Number(value);
    }

    /// <summary>RFC 3339 with as many decimals as it needs, up to nine; the year 1 for a time that is not known.</summary>
    private static void Time(JsonBuffer json, ReadOnlySpan<byte> name, Timestamp? time)
    {
        json.Raw(name);
        if (time is null || time.Seconds is < -62_135_596_800 or > 253_402_300_799 || time.Nanos is < 0 or > 999_999_999)
        {
            json.Raw("\"0001-01-01T00:00:00Z\""u8);
            return;
        }

        DateTime seconds = DateTime.UnixEpoch.AddSeconds(time.Seconds);
        string decimals = time.Nanos == 0 ? "" : "." + time.Nanos.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        json.Quoted(seconds.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + decimals + "Z");
    }
}
