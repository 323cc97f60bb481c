using System.Globalization;
using System.Text.Json;
using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.AspNetCore.Http;

namespace Aion.Compactor;

/// <summary>
/// The API of the block viewer (reference/http-api.md H-6), and of our own <c>/compact/progress</c> and <c>/compact/plan</c>.
/// </summary>
/// <param name="label">External label that titles groups of blocks; "" for none.</param>
/// <param name="noMarks">True with <c>--disable-admin-operations</c>.</param>
internal sealed class CompactorApi(BlockViewer viewer, CompactorService service, string label, bool noMarks)
{
    public void Map(ApiRoutes routes)
    {
        routes.MapOptions();
        routes.MapGet("/blocks", "blocks", (http, _) => Task.FromResult(Blocks(http.Request.Query["view"] == "loaded" ? viewer.Loaded : viewer.Global)));
        routes.MapPost("/blocks/mark", "blocks_mark", MarkAsync);
        routes.MapGet("/compact/progress", "compact_progress", (_, _) => Task.FromResult(Progress()));
        routes.MapGet("/compact/plan", "compact_plan", (_, _) => Task.FromResult(Plan()));
    }

    private ApiResult Blocks(BlockList list) => ApiResult.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("label", label);
        json.WriteStartArray("blocks");
        foreach (BlockMeta meta in list.Blocks.OrderBy(m => m.MinTimeMs).ThenBy(m => m.Id))
        {
            using JsonDocument document = JsonDocument.Parse(BlockMetaWriter.ToUtf8(meta));
            document.RootElement.WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteString(
            "refreshedAt",
            (list.RefreshedAt ?? DateTimeOffset.MinValue).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        // Upstream shows an empty object, which hides what is wrong.
        if (list.Error is { } error) json.WriteString("err", error);
        else json.WriteNull("err");
        json.WriteEndObject();
    });

    private async Task<ApiResult> MarkAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (noMarks) throw new ApiException(ApiErrorType.BadData, "Admin operations are disabled");
        IFormCollection? form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(cancellationToken) : null;
        string Value(string name) => form?[name].ToString() is { Length: > 0 } text ? text : http.Request.Query[name].ToString();
        string id = Value("id"), action = Value("action"), detail = Value("detail");
        if (id.Length == 0) throw new ApiException(ApiErrorType.BadData, "ID cannot be empty");
        if (action.Length == 0) throw new ApiException(ApiErrorType.BadData, "Action cannot be empty");
        if (!BlockId.TryParse(id, out BlockId block)) throw new ApiException(ApiErrorType.BadData, $"ULID {GoText.Quote(id)} is not valid");
        var marker = new BlockMarker(viewer.Bucket, viewer.Time, service.Logger);
        try
        {
            await (action switch
            {
                "DELETION" => marker.MarkForDeletionAsync(block, detail, cancellationToken),
                "NO_COMPACTION" => marker.MarkNoCompactAsync(block, NoCompactReason.Manual, detail, cancellationToken),
                _ => throw new ApiException(ApiErrorType.BadData, $"not supported marker {action}"),
            });
        }
        catch (BucketException e)
        {
            throw new ApiException(ApiErrorType.BadData, e.Message, e);
        }

        return ApiResult.NoContent;
    }

    private ApiResult Progress() => ApiResult.Json(json =>
    {
        ProgressReporter progress = service.Progress;
        Backlog? backlog = progress.Backlog;
        json.WriteStartObject();
        json.WriteBoolean("stalled", progress.StallReason.Length > 0);
        json.WriteString("stallReason", progress.StallReason);
        json.WriteString("lastFailure", progress.Tracker.LastFailure);
        json.WriteNumber("bytesPerSecond", Math.Round(progress.Tracker.BytesPerSecond));
        json.WriteStartArray("jobs");
        foreach (JobProgress job in progress.Tracker.Running) WriteJob(json, job);
        json.WriteEndArray();
        json.WritePropertyName("todo");
        if (backlog is null) json.WriteNullValue();
        else WriteBacklog(json, backlog, progress);
        json.WriteEndObject();
    });

    private static void WriteJob(Utf8JsonWriter json, JobProgress job)
    {
        json.WriteStartObject();
        json.WriteString("job", job.What);
        json.WriteString("group", job.Group);
        json.WriteString("stage", job.Stage.ToString().ToLowerInvariant());
        WriteIds(json, job.Blocks);
        json.WriteNumber("totalBytes", job.TotalBytes);
        json.WriteNumber("fetchedBytes", job.FetchedBytes);
        json.WriteNumber("writtenBytes", job.WrittenBytes());
        json.WriteEndObject();
    }

    private static void WriteBacklog(Utf8JsonWriter json, Backlog backlog, ProgressReporter progress)
    {
        json.WriteStartObject();
        json.WriteNumber("compactions", backlog.Compactions);
        json.WriteNumber("compactionBlocks", backlog.CompactionBlocks);
        json.WriteNumber("downsampleBlocks", backlog.DownsampleBlocks);
        json.WriteNumber("deletionBlocks", backlog.DeletionBlocks);
        json.WriteNumber("bytes", backlog.Bytes);
        json.WriteNumber("seconds", Math.Ceiling(progress.Remaining(backlog).TotalSeconds));
        json.WriteStartArray("groups");
        foreach (GroupBacklog group in backlog.Groups.Where(g => g.Bytes > 0 || g.Compactions > 0))
        {
            json.WriteStartObject();
            json.WriteString("group", group.Group.Name);
            json.WriteString("key", group.Group.Key);
            json.WriteNumber("compactions", group.Compactions);
            json.WriteNumber("compactionBlocks", group.CompactionBlocks);
            json.WriteNumber("downsampleBlocks", group.DownsampleBlocks);
            json.WriteNumber("bytes", group.Bytes);
            json.WriteNumber("seconds", Math.Ceiling(group.Bytes / progress.Tracker.BytesPerSecond));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private ApiResult Plan() => ApiResult.Json(json =>
    {
        BucketPlan plan = BucketPlan.Of(service.View.Last, service.Options.Policy, viewer.Time.GetUtcNow());
        json.WriteStartObject();
        json.WriteStartArray("actions");
        foreach (PlannedAction action in plan.Actions)
        {
            json.WriteStartObject();
            json.WriteString("work", action.Work.ToString());
            WriteIds(json, action.Blocks);
            json.WriteString("group", action.Group?.Name ?? "");
            json.WriteString("why", action.Why);
            json.WriteNumber("readBytes", action.Cost.ReadBytes);
            json.WriteNumber("writtenBytes", action.Cost.WrittenBytes);
            json.WriteNumber("requests", action.Cost.Requests);
            json.WriteNumber("seconds", Math.Ceiling(action.Cost.Duration(service.Progress.Tracker.BytesPerSecond).TotalSeconds));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteIds(Utf8JsonWriter json, IReadOnlyList<BlockId> blocks)
    {
        json.WriteStartArray("blocks");
        foreach (BlockId block in blocks) json.WriteStringValue(block.ToString());
        json.WriteEndArray();
    }
}
