using System.Text.Json;
using Aion.Hosting;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>
/// The API of the block viewer (reference/http-api.md H-6), and of our own <c>/compact/progress</c> and <c>/compact/plan</c>.
/// </summary>
/// <param name="label">External label that titles groups of blocks; "" for none.</param>
/// <param name="noMarks">True with <c>--disable-admin-operations</c>.</param>
internal sealed class CompactorApi(BlocksView view, CompactorService service, TimeProvider time, string label, bool noMarks)
{
    public void Map(ApiRoutes routes)
    {
        view.Api(label, noMarks, () => new BlocksSnapshot([.. service.View.Last.Metas.Values], service.View.LastSynced, null)).Map(routes);
        routes.MapGet("/compact/progress", "compact_progress", (_, _) => Task.FromResult(Progress()));
        routes.MapGet("/compact/plan", "compact_plan", (_, _) => Task.FromResult(Plan()));
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
        BucketPlan plan = BucketPlan.Of(service.View.Last, service.Options.Policy, time.GetUtcNow());
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
