using System.Text.Json.Nodes;
using Aion.Testing;

namespace Aion.EndToEnd.Tests;

/// <summary>Blocks that real promtool wrote from the shared generator's samples.</summary>
internal static class Dataset
{
    public const string InsideTime = "1767215000";

    /// <summary>Writes the small data set's blocks under <paramref name="directory"/>.</summary>
    public static async Task WriteAsync(string directory, params IEnumerable<string> arguments)
    {
        string generator = SharedFolder.Require("oracle", "gen_dataset.py");
        (int status, string output) = await RunningProcess.RunAsync("python3", [generator, directory, .. arguments]);
        Assert.True(status == 0, output);
    }

    /// <summary>Puts blocks into a bucket folder as if a sidecar had uploaded them.</summary>
    /// <param name="externalLabels">Alternating names and values.</param>
    public static void Upload(TempDirectory into, string blocks, string bucketName, params string[] externalLabels)
    {
        string bucket = into.CopyOf(blocks, bucketName);
        foreach (string block in Directory.EnumerateDirectories(bucket))
        {
            string path = Path.Combine(block, "meta.json");
            JsonNode meta = JsonNode.Parse(File.ReadAllText(path))!;
            var labels = new JsonObject();
            for (var i = 0; i < externalLabels.Length; i += 2) labels[externalLabels[i]] = externalLabels[i + 1];
            meta["thanos"] = new JsonObject
            {
                ["version"] = 1,
                ["labels"] = labels,
                ["downsample"] = new JsonObject { ["resolution"] = 0 },
                ["source"] = "sidecar",
            };
            File.WriteAllText(path, meta.ToJsonString());
        }
    }

    public static string BucketConfig(TempDirectory directory, string bucketName)
    {
        string file = directory.Combine(bucketName + ".yml");
        File.WriteAllText(file, $"type: FILESYSTEM\nconfig:\n  directory: {directory.Combine(bucketName)}\n");
        return file;
    }
}
