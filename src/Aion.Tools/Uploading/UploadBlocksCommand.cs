using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary><c>tools bucket upload-blocks</c>: ships the blocks of a TSDB's folder, once.</summary>
internal static class UploadBlocksCommand
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket upload-blocks", "Upload blocks from a folder to the bucket, with external labels.", static flags => new Handles(flags), SetupAsync);

    private static async Task SetupAsync(
        Handles handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        if (flags.Get(handles.Labels).Count == 0)
            throw new ComponentException("no external labels configured, uniquely identifying external labels must be configured (--label)");
        Labels labels = ParseLabels(flags.Get(handles.Labels));
        string path = flags.Get(handles.Path);
        CheckAccess(path);
        int concurrency = flags.Get(handles.Concurrency);
        if (concurrency < 1) throw new ComponentException($"--{handles.Concurrency.Name} must be at least 1");
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        var options = new ShipperOptions
        {
            DataDirectory = path,
            Source = BlockSource.BucketUpload,
            UploadCompacted = flags.Get(handles.UploadCompacted),
            Upload = new BlockUploadOptions { Concurrency = concurrency },
        };
        var shipper = new Shipper(bucket, options, () => labels, new ShipperMetrics(context.Metrics.Factory), context.Time, context.Logger);
        group.Add("upload", async token =>
        {
            int uploaded = await shipper.SyncAsync(token);
            context.Logger.Info("synced blocks", [("uploaded", uploaded)]);
        });
    }

    private static Labels ParseLabels(IReadOnlyList<string> texts)
    {
        try
        {
            return LabelFlags.Parse(texts);
        }
        catch (ComponentException e)
        {
            throw new ComponentException("unable to parse external labels", e);
        }
    }

    private static void CheckAccess(string path)
    {
        try
        {
            if (!Directory.Exists(path)) throw new DirectoryNotFoundException($"stat {path}: no such file or directory");
            _ = Directory.EnumerateFileSystemEntries(path).FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ComponentException($"unable to access path '{path}'", e);
        }
    }

    private sealed class Handles(FlagSet flags)
    {
        public Flag<string> Path { get; } = flags.String("path", "Folder with the blocks.", "./data");

        public Flag<IReadOnlyList<string>> Labels { get; } = flags.Strings(
            "label", "External label that the uploaded blocks get (repeated); at least one.", placeHolder: "key=\"value\"");

        public Flag<bool> UploadCompacted { get; } = flags.Bool(
            "shipper.upload-compacted", "Upload blocks of compaction level 2 and above too; the Prometheus beside must not compact them meanwhile.");

        public Flag<int> Concurrency { get; } = flags.Int("shipper.upload-concurrency", "Files of a block sent at once.", "5");
    }
}
