using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aion.Testing;

namespace Aion.Hosting.Tests;

/// <summary>Families every component has, against the recording of a real one.</summary>
public sealed class CommonMetricsTests
{
    private static readonly string[] Common =
    [
        "http_requests_total", "http_request_duration_seconds", "http_request_size_bytes", "http_response_size_bytes", "http_inflight_requests",
        "grpc_server_started_total", "grpc_server_handled_total", "grpc_server_handling_seconds", "grpc_server_msg_received_total",
        "grpc_server_msg_sent_total", "grpc_req_panics_recovered_total", "thanos_status", "thanos_build_info", "process_cpu_seconds_total",
        "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_start_time_seconds", "process_open_fds", "process_max_fds",
        "go_memstats_alloc_bytes", "go_memstats_alloc_bytes_total", "go_memstats_heap_alloc_bytes", "go_memstats_heap_inuse_bytes",
    ];

    [Theory]
    [InlineData("query", true)]
    [InlineData("store", false)]
    public async Task Common_families_have_upstreams_types_and_labels(string component, bool hasTenant)
    {
        Dictionary<string, JsonElement> recorded = File.ReadLines(SharedFolder.Require("golden", "wire", "metrics", "names.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(family => family.GetProperty("component").GetString() == component)
            .ToDictionary(family => family.GetProperty("family").GetString()!);
        string text = await ExportAsync(hasTenant);

        foreach (string family in Common)
        {
            Assert.Contains($"# TYPE {family} {recorded[family].GetProperty("type").GetString()}\n", text);
            string[] labels = [.. recorded[family].GetProperty("label_names").EnumerateArray().Select(l => l.GetString()!).Order(StringComparer.Ordinal)];
            Assert.Equal(labels, LabelsOf(text, family));
        }
    }

    private static async Task<string> ExportAsync(bool hasTenant)
    {
        ComponentContext context = TestServer.NewContext();
        HttpMetrics http = new(context.Metrics, hasTenant ? static _ => "t" : null);
        Microsoft.AspNetCore.Http.DefaultHttpContext request = new();
        request.Request.Method = "GET";
        request.Request.Path = "/";
        http.End(http.Start(request, "query"), request, 10);
        new GrpcServerMetrics(context.Metrics).Of("/a.B/C", Grpc.Core.MethodType.Unary).CreateAll();
        using MemoryStream text = new();
        await context.Metrics.Registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private static string[] LabelsOf(string text, string family)
    {
        Match series = Regex.Match(text, $@"^{family}(_count)?(\{{(?<labels>.*)\}})? ", RegexOptions.Multiline);
        Assert.True(series.Success, family);
        return [.. Regex.Matches(series.Groups["labels"].Value, "([a-z_]+)=\"").Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal)];
    }
}
