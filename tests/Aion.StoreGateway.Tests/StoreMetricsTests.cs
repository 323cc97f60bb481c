using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;

namespace Aion.StoreGateway.Tests;

/// <summary>The store gateway's families, against the recording of a real one.</summary>
public sealed class StoreMetricsTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task All_families_of_a_store_gateway_have_upstreams_types_and_labels()
    {
        string text = await ExportAsync();

        foreach (string line in File.ReadLines(SharedFolder.Require("golden", "wire", "metrics", "names.jsonl")))
        {
            JsonElement recorded = JsonDocument.Parse(line).RootElement;
            string family = recorded.GetProperty("family").GetString()!;
            if (recorded.GetProperty("component").GetString() != "store" || !IsOurs(family)) continue;
            Assert.Contains($"# TYPE {family} {recorded.GetProperty("type").GetString()}\n", text, StringComparison.Ordinal);
            string[] labels = [.. recorded.GetProperty("label_names").EnumerateArray().Select(l => l.GetString()!).Where(l => l != "le").Order(StringComparer.Ordinal)];
            if (LabelsOf(text, family) is { } ours) Assert.Equal((family, string.Join(',', labels)), (family, string.Join(',', ours)));
        }
    }

    private static bool IsOurs(string family) =>
        family.StartsWith("thanos_bucket_store_", StringComparison.Ordinal)
        || family.StartsWith("thanos_blocks_meta_", StringComparison.Ordinal)
        || family.StartsWith("thanos_consistency_", StringComparison.Ordinal)
        || family.StartsWith("thanos_store_index_cache_", StringComparison.Ordinal);

    private async Task<string> ExportAsync()
    {
        string bucket = _temp.Combine("bucket");
        TestBlocks.Write(bucket, BlockId.New(TimeProvider.System), Labels.Of("replica", "a"), TestBlocks.Some(300, instances: 100));
        var options = new StoreGatewayOptions
        {
            DataDirectory = _temp.Combine("data"),
            IndexCache = IndexCacheConfig.OfSize(64 << 20),
            ExpandsPostingsLazily = true,
            EstimatedSeriesBytes = 64,
            MaxSeries = 250,
        };
        using TestGateway gateway = await TestGateway.SyncedAsync(bucket, options);
        await gateway.SelectAsync(LabelMatcher.Equal("id", "s7"), LabelMatcher.Equal("__name__", "up"));
        await gateway.SelectAsync(LabelMatcher.Equal("id", "none"));
        await Assert.ThrowsAsync<StoreException>(() => gateway.SelectAsync(LabelMatcher.Equal("__name__", "up")));
        using var text = new MemoryStream();
        await gateway.Context.Metrics.Registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>Null while the family has no series.</summary>
    private static string[]? LabelsOf(string text, string family)
    {
        Match series = Regex.Match(text, $@"^{family}(_count)?(\{{(?<labels>.*)\}})? ", RegexOptions.Multiline);
        if (!series.Success) return null;
        return [.. Regex.Matches(series.Groups["labels"].Value, "([a-z_]+)=\"").Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal)];
    }
}
