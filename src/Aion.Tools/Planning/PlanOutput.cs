using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Aion.Compactor;
using Aion.Model;

namespace Aion.Tools;

/// <param name="Backlog">All that lies ahead, also of blocks that do not exist yet.</param>
/// <param name="BytesPerSecond">Input worked off in a second.</param>
internal sealed record PlanReport(BucketPlan Plan, Backlog Backlog, double BytesPerSecond)
{
    public TimeSpan Time(long bytes) => TimeSpan.FromSeconds(Math.Min(Math.Ceiling(bytes / BytesPerSecond), TimeSpan.MaxValue.TotalSeconds / 2));
}

/// <summary>The forms of <c>plan --output</c>.</summary>
internal static class PlanOutput
{
    private static readonly string[] ActionHeader = ["ACTION", "BLOCKS", "GROUP", "READ", "WRITTEN", "REQUESTS", "TIME", "WHY"];
    private static readonly string[] GroupHeader = ["GROUP", "MERGES", "BLOCKS MERGED", "TO DOWNSAMPLE", "BYTES", "TIME"];

    public static void WriteTable(TextWriter output, PlanReport report)
    {
        output.Write("Next:\n");
        PlanCost total = default;
        foreach (PlannedAction action in report.Plan.Actions) total += action.Cost;
        TextTable.WriteMarkdown(output, ActionHeader, [.. report.Plan.Actions.Select(a => Row(a, report)), Total(total, report)]);
        output.Write("\nUntil nothing is left to do:\n");
        IEnumerable<GroupBacklog> groups = report.Backlog.Groups.Where(g => g.Bytes > 0);
        TextTable.WriteMarkdown(output, GroupHeader, [.. groups.Select(g => Row(g, report)), Total(report.Backlog, report)]);
    }

    public static void WriteJson(TextWriter output, PlanReport report)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("actions");
            foreach (PlannedAction action in report.Plan.Actions) Write(json, action, report);
            json.WriteEndArray();
            json.WriteStartArray("groups");
            foreach (GroupBacklog group in report.Backlog.Groups.Where(g => g.Bytes > 0)) Write(json, group, report);
            json.WriteEndArray();
            json.WriteNumber("bytes", report.Backlog.Bytes);
            json.WriteNumber("seconds", report.Time(report.Backlog.Bytes).TotalSeconds);
            json.WriteEndObject();
        }

        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n");
    }

    private static string[] Row(PlannedAction action, PlanReport report) =>
    [
        Word(action.Work), string.Join(' ', action.Blocks), action.Group?.Name ?? "", ByteSize.Format(action.Cost.ReadBytes),
        ByteSize.Format(action.Cost.WrittenBytes), Number(action.Cost.Requests), GoDuration.Format(report.Time(action.Cost.ReadBytes)), action.Why,
    ];

    private static string[] Total(PlanCost cost, PlanReport report) =>
        ["total", "", "", ByteSize.Format(cost.ReadBytes), ByteSize.Format(cost.WrittenBytes), Number(cost.Requests), GoDuration.Format(report.Time(cost.ReadBytes)), ""];

    private static string[] Row(GroupBacklog group, PlanReport report) =>
    [
        group.Group.Name, Number(group.Compactions), Number(group.CompactionBlocks), Number(group.DownsampleBlocks), ByteSize.Format(group.Bytes),
        GoDuration.Format(report.Time(group.Bytes)),
    ];

    private static string[] Total(Backlog backlog, PlanReport report) =>
    [
        "total", Number(backlog.Compactions), Number(backlog.CompactionBlocks), Number(backlog.DownsampleBlocks), ByteSize.Format(backlog.Bytes),
        GoDuration.Format(report.Time(backlog.Bytes)),
    ];

    private static void Write(Utf8JsonWriter json, PlannedAction action, PlanReport report)
    {
        json.WriteStartObject();
        json.WriteString("action", Word(action.Work));
        json.WriteStartArray("blocks");
        foreach (BlockId block in action.Blocks) json.WriteStringValue(block.ToString());
        json.WriteEndArray();
        json.WriteString("group", action.Group?.Name ?? "");
        json.WriteString("why", action.Why);
        json.WriteNumber("readBytes", action.Cost.ReadBytes);
        json.WriteNumber("writtenBytes", action.Cost.WrittenBytes);
        json.WriteNumber("requests", action.Cost.Requests);
        json.WriteNumber("seconds", report.Time(action.Cost.ReadBytes).TotalSeconds);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GroupBacklog group, PlanReport report)
    {
        json.WriteStartObject();
        json.WriteString("group", group.Group.Name);
        json.WriteNumber("compactions", group.Compactions);
        json.WriteNumber("compactionBlocks", group.CompactionBlocks);
        json.WriteNumber("downsampleBlocks", group.DownsampleBlocks);
        json.WriteNumber("bytes", group.Bytes);
        json.WriteNumber("seconds", report.Time(group.Bytes).TotalSeconds);
        json.WriteEndObject();
    }

    private static string Word(PlannedWork work) => work switch
    {
        PlannedWork.Compact => "compact",
        PlannedWork.Downsample => "downsample",
        PlannedWork.MarkNoCompact => "mark-no-compact",
        PlannedWork.MarkForDeletion => "mark-for-deletion",
        PlannedWork.Delete => "delete",
        PlannedWork.DeletePartial => "delete-partial",
        _ => "hold",
    };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
